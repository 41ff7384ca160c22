package nats_test

import (
	"testing"

	"github.com/cairndb/cairn/broker/brokertest"
)

// TestInstalled holds to the kit what talks to the server of this machine, which
// may be an old one.
func TestInstalled(t *testing.T) {
	t.Parallel()
	address := installed(t)
	brokertest.Run(t, brokertest.Config{Open: func(t testing.TB) brokertest.Broker { return open(t, address) }})
}

// TestEmbedded holds to it what talks to a recent one.
func TestEmbedded(t *testing.T) {
	t.Parallel()
	s := embedded(t, nil)
	brokertest.Run(t, brokertest.Config{Open: func(t testing.TB) brokertest.Broker { return open(t, s.ClientURL()) }})
}
