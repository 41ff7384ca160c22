package broker_test

import (
	"context"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/storetest"
)

func ExampleRelay() {
	ctx, cancel := context.WithCancel(context.Background())
	store := storetest.NewReference() // a program opens a disk.Store, or dials a server
	defer store.Close()
	store.Append(ctx, "order-1", cairn.NoStream,
		cairn.Event{Type: "order.moved", Data: []byte(`{}`)},
		cairn.Event{Type: "order.placed", Data: []byte(`{"total":12,"customer":"ann"}`)})

	contract, err := broker.NewContract("https://shop.example.com/orders", orderPlaced, orderCancelled)
	if err != nil {
		panic(err)
	}
	queue := broker.NewMemory(broker.MemoryOptions{}) // a program takes one of the packages below this one
	err = broker.Relay(ctx, store, "orders-to-others", broker.RelayOptions{
		Contract: contract, Mapping: typed, Publisher: queue.Publisher(),
		OnSkipped: func(e *cairn.Recorded, reason error) { fmt.Println("not told:", e.Type) },
		OnPublished: func(e *cairn.Recorded, m *broker.Message, _ time.Duration) {
			fmt.Println("told:", m.Event.Type(), string(m.Event.Data()))
			cancel() // this program has seen enough
		},
	})
	fmt.Println(err)
	// Output:
	// not told: order.moved
	// told: com.example.order.placed.v1 {"order":"order-1","total":12}
	// context canceled
}

func ExampleNewMux() {
	ctx, cancel := context.WithCancel(context.Background())
	queue := broker.NewMemory(broker.MemoryOptions{})
	m := arrived(orderPlaced.Name, "application/json", `{"order":"order-1","total":12}`).Message
	if err := queue.Publisher().Publish(ctx, m); err != nil {
		panic(err)
	}
	mux, err := broker.NewMux(broker.Reject, broker.On(orderPlaced, func(_ context.Context, e placedV1, d broker.Delivery) error {
		fmt.Println(e.Order, "costs", e.Total)
		cancel() // this program has seen enough
		return nil
	}))
	if err != nil {
		panic(err)
	}
	err = queue.Subscriber("orders", broker.MemorySubscription{Name: "billing"}).Subscribe(ctx, mux.Handle)
	fmt.Println(err)
	// Output:
	// order-1 costs 12
	// context canceled
}
