package rabbitmq_test

import (
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/engine/disk"
)

// A relay into this broker loses nothing and keeps the order of keys, whatever is
// killed or fails on the way.
func TestRelay(t *testing.T) {
	if testing.Short() {
		t.Skip("relays that are killed take their time")
	}
	t.Parallel()
	brokertest.RunRelay(t, brokertest.RelayConfig{
		Config: brokertest.Config{Open: open(false)},
		Store: func(t testing.TB) cairn.Store {
			s, err := disk.OpenMemory(nil)
			if err != nil {
				t.Fatal(err)
			}
			return s
		},
	})
}
