package kafka_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/engine/disk"
)

// TestRelay kills relays into a cluster of this process, and cuts them off from it.
func TestRelay(t *testing.T) {
	t.Parallel()
	brokers := fake(t, kfake.GroupMinSessionTimeout(time.Second)).ListenAddrs()
	brokertest.RunRelay(t, brokertest.RelayConfig{
		Config: brokertest.Config{Open: func(t testing.TB) brokertest.Broker { return open(t, brokers, 2*time.Second) }},
		Store: func(t testing.TB) cairn.Store {
			store, err := disk.OpenMemory(nil)
			if err != nil {
				t.Fatal(err)
			}
			return store
		},
	})
}
