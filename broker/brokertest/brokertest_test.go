package brokertest_test

import (
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/engine/disk"
)

func memory(testing.TB) brokertest.Broker {
	m := broker.NewMemory(broker.MemoryOptions{MaxSize: 1 << 20})
	return brokertest.Broker{
		Topic:     "tested",
		Publisher: func(testing.TB) broker.Publisher { return m.Publisher() },
		Subscriber: func(_ testing.TB, s brokertest.Subscription) broker.Subscriber {
			return m.Subscriber("tested", broker.MemorySubscription{Name: s.Name, Workers: s.Workers, Sink: s.Sink})
		},
		Line:     m,
		TooLarge: 1<<20 + 1,
		Garbage:  func(_ testing.TB, body []byte) { m.Post("tested", nil, body) },
	}
}

func TestMemory(t *testing.T) {
	brokertest.Run(t, brokertest.Config{Open: memory})
}

func TestRelayToMemory(t *testing.T) {
	brokertest.RunRelay(t, brokertest.RelayConfig{
		Config: brokertest.Config{Open: memory},
		Store: func(t testing.TB) cairn.Store {
			store, err := disk.OpenMemory(nil)
			if err != nil {
				t.Fatal(err)
			}
			return store
		},
	})
}
