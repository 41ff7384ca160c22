package rabbitmq_test

import (
	"cmp"
	"context"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/broker/rabbitmq"
)

// address is where the tests find RabbitMQ.
func address() string {
	return cmp.Or(os.Getenv("CAIRN_AMQP_URL"), "amqp://guest:guest@127.0.0.1:5672/")
}

// dial connects past everything under test, or skips.
func dial(t testing.TB) *amqp.Channel {
	t.Helper()
	conn, err := amqp.Dial(address())
	if err != nil {
		if os.Getenv("CAIRN_REQUIRE_SERVICES") != "" {
			t.Fatal(err)
		}
		t.Skipf("no RabbitMQ: %v", err)
	}
	t.Cleanup(func() { conn.Close() })
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	return ch
}

// queue declares a queue that goes with the test.
func queue(t testing.TB, ch *amqp.Channel, name string, args amqp.Table) {
	t.Helper()
	if _, err := ch.QueueDeclare(name, true, false, false, false, args); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = ch.QueueDelete(name, false, false, false) }) // before the channel's connection is closed
}

// through is the same broker behind a proxy.
func through(t testing.TB, proxy *brokertest.Proxy) string {
	t.Helper()
	u, err := amqp.ParseURI(address())
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(proxy.Address(net.JoinHostPort(u.Host, strconv.Itoa(u.Port))))
	if err != nil {
		t.Fatal(err)
	}
	u.Host = host
	if u.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	return u.String()
}

func publisher(t testing.TB, o rabbitmq.PublisherOptions) *rabbitmq.Publisher {
	t.Helper()
	o.URL = cmp.Or(o.URL, address())
	p, err := rabbitmq.NewPublisher(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := p.Close(ctx); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return p
}

func message(topic, id string) broker.Message {
	e := cloudevents.New()
	e.SetID(id)
	e.SetSource("https://example.com/rabbitmq")
	e.SetType("com.example.tested.v1")
	if err := e.SetData(cloudevents.ApplicationJSON, map[string]int{"n": 1}); err != nil {
		panic(err)
	}
	return broker.Message{Event: e, Topic: topic, Key: "k"}
}

func quick(int) time.Duration { return 20 * time.Millisecond }

func open(structured bool) func(t testing.TB) brokertest.Broker {
	return func(t testing.TB) brokertest.Broker {
		ch := dial(t)
		proxy := brokertest.NewProxy(t)
		at := rabbitmq.Connection{URL: through(t, proxy), Reconnect: quick, Timeout: 5 * time.Second}
		topic := "cairn-kit-" + brokertest.Unique()
		queue(t, ch, topic, nil)
		return brokertest.Broker{
			Topic: topic,
			Line:  proxy,
			Publisher: func(t testing.TB) broker.Publisher {
				p, err := rabbitmq.NewPublisher(rabbitmq.PublisherOptions{Connection: at, MaxSize: 1 << 20, Structured: structured})
				if err != nil {
					t.Fatal(err)
				}
				return p
			},
			Subscriber: func(t testing.TB, s brokertest.Subscription) broker.Subscriber {
				sub, err := rabbitmq.NewSubscriber(rabbitmq.SubscriberOptions{
					Connection: at, Queue: topic, Workers: s.Workers, Sink: s.Sink, DeadLetters: s.Sink == nil, Backoff: quick,
				})
				if err != nil {
					t.Fatal(err)
				}
				return sub
			},
			TooLarge: 1<<20 + 1,
			Garbage: func(t testing.TB, body []byte) {
				if err := ch.Publish("", topic, false, false, amqp.Publishing{Body: body}); err != nil {
					t.Fatal(err)
				}
			},
		}
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	brokertest.Run(t, brokertest.Config{Open: open(false)})
}

func TestConformanceStructured(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the same again, with the event in the body")
	}
	brokertest.Run(t, brokertest.Config{Open: open(true)})
}
