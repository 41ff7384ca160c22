package kafka_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/broker/kafka"
)

// fake starts a cluster in this process that ends with the test.
func fake(t testing.TB, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// client is one past any proxy.
func client(t testing.TB, brokers []string, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	cl, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(brokers...)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// topic makes one for a test, of so many partitions.
func topic(t testing.TB, brokers []string, partitions int32) string {
	t.Helper()
	name := "cairn-" + brokertest.Unique()
	admin := kadm.NewClient(client(t, brokers))
	if _, err := admin.CreateTopic(t.Context(), partitions, -1, nil, name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_, _ = admin.DeleteTopic(ctx, name) // the cluster may be gone
	})
	return name
}

// open prepares a check of the kit, behind a proxy. A member counts as dead when
// it has been silent for a session.
func open(t testing.TB, brokers []string, session time.Duration) brokertest.Broker {
	name := topic(t, brokers, 4)
	proxy := brokertest.NewProxy(t)
	connection := kafka.Connection{Brokers: brokers, Options: []kgo.Opt{kgo.Dialer(proxy.DialContext), kgo.SessionTimeout(session), kgo.HeartbeatInterval(session / 4)}}
	garbage := client(t, brokers)
	return brokertest.Broker{
		Topic:    name,
		Line:     proxy,
		TooLarge: 2 << 20, // max.message.bytes is 1 MiB
		Publisher: func(t testing.TB) broker.Publisher {
			return publisher(t, kafka.PublisherOptions{Connection: connection})
		},
		Subscriber: func(t testing.TB, s brokertest.Subscription) broker.Subscriber {
			return subscriber(t, kafka.SubscriberOptions{
				Connection: connection, Group: name + "-" + s.Name, Topics: []string{name}, Workers: s.Workers,
				Sink: s.Sink, DeadTopic: name + ".dead",
			})
		},
		Garbage: func(t testing.TB, body []byte) {
			if err := garbage.ProduceSync(t.Context(), &kgo.Record{Topic: name, Value: body}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func publisher(t testing.TB, o kafka.PublisherOptions) *kafka.Publisher {
	t.Helper()
	p, err := kafka.NewPublisher(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close(context.Background()) })
	return p
}

func subscriber(t testing.TB, o kafka.SubscriberOptions) *kafka.Subscriber {
	t.Helper()
	s, err := kafka.NewSubscriber(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestFake holds to the kit what talks to a cluster of this process.
func TestFake(t *testing.T) {
	t.Parallel()
	brokers := fake(t, kfake.GroupMinSessionTimeout(time.Second)).ListenAddrs()
	brokertest.Run(t, brokertest.Config{Open: func(t testing.TB) brokertest.Broker { return open(t, brokers, 2*time.Second) }})
}

// TestReal does the same with the cluster that CAIRN_KAFKA_BROKERS names, which
// need not be there: no broker of the kind is among the required services.
func TestReal(t *testing.T) {
	list := os.Getenv("CAIRN_KAFKA_BROKERS")
	if list == "" {
		t.Skip("CAIRN_KAFKA_BROKERS names no cluster")
	}
	brokers := strings.Split(list, ",")
	brokertest.Run(t, brokertest.Config{Open: func(t testing.TB) brokertest.Broker { return open(t, brokers, 6*time.Second) }})
}
