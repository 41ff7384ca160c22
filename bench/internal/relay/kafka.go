package relay

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/kafka"
)

const kafkaPartitions = 8

// A kafkaBroker is kfake, a Kafka in this process that keeps everything in
// memory, or the cluster that CAIRN_KAFKA_BROKERS names.
type kafkaBroker struct {
	cluster *kfake.Cluster // nil if it is a real one
	brokers []string
	client  *kgo.Client
	suffix  string // makes the names of topics unique
	made    []string
}

func openKafka(string) (Broker, error) {
	b := &kafkaBroker{suffix: "-" + cairn.NewID().String()}
	var err error
	if list := os.Getenv("CAIRN_KAFKA_BROKERS"); list != "" {
		b.brokers = strings.Split(list, ",")
	} else if b.cluster, err = kfake.NewCluster(kfake.NumBrokers(1)); err != nil {
		return nil, err
	} else {
		b.brokers = b.cluster.ListenAddrs()
	}
	// What the publisher of package kafka sets: the rest are the client's defaults.
	b.client, err = kgo.NewClient(kgo.SeedBrokers(b.brokers...), kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)), kgo.ProducerLinger(0))
	if err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *kafkaBroker) Topic(ctx context.Context, name string) error {
	made, err := kadm.NewClient(b.client).CreateTopic(ctx, kafkaPartitions, -1, nil, name+b.suffix)
	if err == nil {
		b.made, err = append(b.made, name+b.suffix), made.Err
	}
	return err
}

func (b *kafkaBroker) Publisher() (broker.Publisher, error) {
	p, err := kafka.NewPublisher(kafka.PublisherOptions{Connection: kafka.Connection{Brokers: b.brokers}})
	return &suffixed{p, b.suffix}, err
}

// A suffixed publisher adds to the names of topics.
type suffixed struct {
	broker.Publisher
	suffix string
}

func (s *suffixed) Publish(ctx context.Context, m broker.Message) error {
	m.Topic += s.suffix
	return s.Publisher.Publish(ctx, m)
}

func (b *kafkaBroker) Close() (err error) {
	if b.client != nil && b.cluster == nil {
		_, err = kadm.NewClient(b.client).DeleteTopics(context.Background(), b.made...)
	}
	if b.client != nil {
		b.client.Close()
	}
	if b.cluster != nil {
		b.cluster.Close()
	}
	return err
}

func (b *kafkaBroker) Read(ctx context.Context, topic string, n int) (Copies, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(b.brokers...), kgo.ConsumeTopics(topic+b.suffix),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return nil, err
	}
	defer client.Close()
	copies := &kafkaCopies{kafkaBroker: b}
	for len(copies.all) < n {
		fetched := client.PollFetches(ctx)
		if err := fetched.Err(); err != nil {
			return nil, err
		}
		copies.all = append(copies.all, fetched.Records()...)
	}
	if len(copies.all) > n {
		return nil, fmt.Errorf("relay: there are %d records, and should be %d", len(copies.all), n)
	}
	return copies, nil
}

type kafkaCopies struct {
	*kafkaBroker
	all []*kgo.Record
}

func (c *kafkaCopies) Publish(ctx context.Context, topic string, inFlight int) error {
	slots := make(chan struct{}, inFlight)
	var failed atomic.Pointer[error]
	for _, r := range c.all {
		slots <- struct{}{}
		out := &kgo.Record{Topic: topic + c.suffix, Key: r.Key, Headers: r.Headers, Value: r.Value}
		c.client.Produce(ctx, out, func(_ *kgo.Record, err error) {
			if err != nil {
				failed.Store(&err)
			}
			<-slots
		})
	}
	for range inFlight {
		slots <- struct{}{}
	}
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}
