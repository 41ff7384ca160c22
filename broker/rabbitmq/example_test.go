package rabbitmq_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/rabbitmq"
)

func ExampleNewPublisher() {
	p, err := rabbitmq.NewPublisher(rabbitmq.PublisherOptions{
		Connection: rabbitmq.Connection{
			URL: "amqps://shop:secret@rabbit.example.com/shop",
			Declare: func(ch *amqp.Channel) error {
				return ch.ExchangeDeclare("shop", amqp.ExchangeTopic, true, false, false, false, nil)
			},
		},
		Exchange: "shop",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("it connects when there is something to publish:", p != nil)
	// Output: it connects when there is something to publish: true
}

func ExampleNewSubscriber() {
	_, err := rabbitmq.NewSubscriber(rabbitmq.SubscriberOptions{
		Connection: rabbitmq.Connection{URL: "amqp://guest:guest@localhost"},
		Queue:      "mailer",
	})
	if invalid, ok := errors.AsType[*rabbitmq.InvalidError](err); ok {
		fmt.Println("a subscriber must know where to put what is rejected:", invalid.Field)
	}
	s, err := rabbitmq.NewSubscriber(rabbitmq.SubscriberOptions{
		Connection: rabbitmq.Connection{URL: "amqp://guest:guest@localhost"},
		Queue:      "mailer",
		Sink: func(_ context.Context, l broker.Letter) error {
			log.Print(l.Topic, l.Err)
			return nil
		},
	})
	fmt.Println(s != nil, err)
	// Output:
	// a subscriber must know where to put what is rejected: Sink
	// true <nil>
}
