package nats_test

import (
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/engine/disk"
)

// TestRelay kills relays into a recent server, and cuts them off from it.
func TestRelay(t *testing.T) {
	t.Parallel()
	s := embedded(t, nil)
	brokertest.RunRelay(t, brokertest.RelayConfig{
		Config: brokertest.Config{Open: func(t testing.TB) brokertest.Broker { return open(t, s.ClientURL()) }},
		Store: func(t testing.TB) cairn.Store {
			store, err := disk.OpenMemory(nil)
			if err != nil {
				t.Fatal(err)
			}
			return store
		},
	})
}
