package nats_test

import (
	"context"
	"fmt"
	"os"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/nats-io/nats-server/v2/server"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/nats"
)

// A server of this process, with a stream for orders.
func exampleServer() (address string, stop func()) {
	dir, err := os.MkdirTemp("", "cairn")
	if err != nil {
		panic(err)
	}
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true})
	if err != nil {
		panic(err)
	}
	s.Start()
	conn, err := client.Connect(s.ClientURL())
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		panic(err)
	}
	if _, err := js.CreateStream(context.Background(), jetstream.StreamConfig{Name: "orders", Subjects: []string{"orders.>"}}); err != nil {
		panic(err)
	}
	return s.ClientURL(), func() { s.Shutdown(); s.WaitForShutdown(); os.RemoveAll(dir) }
}

func Example() {
	address, stop := exampleServer()
	defer stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	p, err := nats.NewPublisher(nats.PublisherOptions{Connection: nats.Connection{URL: address}})
	if err != nil {
		panic(err)
	}
	defer p.Close(ctx)
	e := cloudevents.New()
	e.SetID("1")
	e.SetSource("https://shop.example/orders")
	e.SetType("order.placed.v1")
	if err := p.Publish(ctx, broker.Message{Event: e, Topic: "orders.placed", Key: "order-7"}); err != nil {
		panic(err)
	}

	s, err := nats.NewSubscriber(nats.SubscriberOptions{
		Connection: nats.Connection{URL: address}, Durable: "billing", Subjects: []string{"orders.>"}, DeadSubject: "orders.dead",
	})
	if err != nil {
		panic(err)
	}
	err = s.Subscribe(ctx, func(_ context.Context, d broker.Delivery) error {
		fmt.Println(d.Event.Type(), "under", d.Key)
		cancel() // enough for an example
		return nil
	})
	fmt.Println(err)

	// Output:
	// order.placed.v1 under order-7
	// context canceled
}
