package platform

import (
	"cmp"
	"context"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/rabbitmq"
	"github.com/cairndb/cairn/examples/eshop/contract"
)

// A rabbitBus is an exchange, and a queue for each subscription. All queues are
// declared before anything is published, as RabbitMQ keeps nothing for who comes
// later; and each has one consumer at a time, which keeps the order.
type rabbitBus struct{ c BusChoice }

func openRabbit(c BusChoice) Bus {
	c.URL = cmp.Or(c.URL, "amqp://guest:guest@127.0.0.1:5672/")
	return &rabbitBus{c}
}

func (b *rabbitBus) exchange() string { return b.c.Space + ".eshop" }

func (b *rabbitBus) queue(s contract.Subscription) string {
	return b.c.Space + "." + s.Topic + "." + s.Name
}

func (b *rabbitBus) connection(name string) rabbitmq.Connection {
	return rabbitmq.Connection{URL: b.c.URL, Name: name, Declare: b.declare}
}

func (b *rabbitBus) declare(ch *amqp.Channel) error {
	if err := ch.ExchangeDeclare(b.exchange(), amqp.ExchangeTopic, true, false, false, false, nil); err != nil {
		return err
	}
	// What nobody subscribes to is not an error of who says it.
	unheard := b.c.Space + ".unheard"
	if err := b.bind(ch, unheard, "#", amqp.Table{"x-max-length": 1000}); err != nil {
		return err
	}
	for _, s := range contract.Subscriptions {
		if err := b.bind(ch, b.queue(s), b.c.Space+"."+s.Topic, amqp.Table{"x-single-active-consumer": true}); err != nil {
			return err
		}
	}
	return nil
}

func (b *rabbitBus) bind(ch *amqp.Channel, queue, key string, args amqp.Table) error {
	if _, err := ch.QueueDeclare(queue, true, false, false, false, args); err != nil {
		return err
	}
	return ch.QueueBind(queue, key, b.exchange(), false, nil)
}

func (b *rabbitBus) Publisher() (broker.Publisher, error) {
	p, err := rabbitmq.NewPublisher(rabbitmq.PublisherOptions{Connection: b.connection("eshop"), Exchange: b.exchange()})
	if err != nil {
		return nil, err
	}
	return &spaced{p, b.c.Space}, nil
}

func (b *rabbitBus) Subscriber(topic, name string) (broker.Subscriber, error) {
	s, err := rabbitmq.NewSubscriber(rabbitmq.SubscriberOptions{
		Connection: b.connection("eshop " + name), Queue: b.queue(contract.Subscription{Topic: topic, Name: name}),
		Attempts: -1, Sink: logged(b.c.Logger, name),
	})
	if err != nil {
		return nil, err // and not a subscriber that is a nil pointer
	}
	return s, nil
}

func (b *rabbitBus) Close(context.Context) error { return nil }
