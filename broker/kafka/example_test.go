package kafka_test

import (
	"context"
	"fmt"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/kafka"
)

func Example() {
	cluster := kfake.MustCluster(kfake.SeedTopics(4, "orders"))
	defer cluster.Close()
	connection := kafka.Connection{Brokers: cluster.ListenAddrs()}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()

	p, err := kafka.NewPublisher(kafka.PublisherOptions{Connection: connection})
	if err != nil {
		panic(err)
	}
	defer p.Close(ctx)
	e := cloudevents.New()
	e.SetID("1")
	e.SetSource("https://shop.example/orders")
	e.SetType("order.placed.v1")
	if err := p.Publish(ctx, broker.Message{Event: e, Topic: "orders", Key: "order-7"}); err != nil {
		panic(err)
	}

	s, err := kafka.NewSubscriber(kafka.SubscriberOptions{Connection: connection, Group: "billing", Topics: []string{"orders"}, DeadTopic: "orders.dead"})
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
