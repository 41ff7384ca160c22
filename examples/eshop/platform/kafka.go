package platform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/kafka"
	"github.com/cairndb/cairn/examples/eshop/contract"
)

// A kafkaBus is a topic for each, and a consumer group for each subscription.
type kafkaBus struct {
	c       BusChoice
	brokers []string
}

// partitions is into how many parts a topic is divided.
const partitions = 8

func openKafka(ctx context.Context, c BusChoice) (Bus, error) {
	b := &kafkaBus{c, strings.Split(cmp.Or(c.URL, "127.0.0.1:9092"), ",")}
	client, err := kgo.NewClient(kgo.SeedBrokers(b.brokers...))
	if err != nil {
		return nil, fmt.Errorf("kafka: %w", err)
	}
	defer client.Close()
	for _, topic := range contract.Topics {
		_, err := kadm.NewClient(client).CreateTopic(ctx, partitions, -1, nil, c.Space+"."+topic)
		if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			return nil, fmt.Errorf("kafka: topic %s.%s: %w", c.Space, topic, err)
		}
	}
	return b, nil
}

func (b *kafkaBus) connection() kafka.Connection { return kafka.Connection{Brokers: b.brokers} }

func (b *kafkaBus) Publisher() (broker.Publisher, error) {
	p, err := kafka.NewPublisher(kafka.PublisherOptions{Connection: b.connection()})
	if err != nil {
		return nil, err
	}
	return &spaced{p, b.c.Space}, nil
}

func (b *kafkaBus) Subscriber(topic, name string) (broker.Subscriber, error) {
	topic = b.c.Space + "." + topic
	s, err := kafka.NewSubscriber(kafka.SubscriberOptions{
		Connection: b.connection(), Group: name + "-hears-" + topic, Topics: []string{topic}, Sink: logged(b.c.Logger, name),
	})
	if err != nil {
		return nil, err // and not a subscriber that is a nil pointer
	}
	return s, nil
}

func (b *kafkaBus) Close(context.Context) error { return nil }
