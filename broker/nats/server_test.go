package nats_test

import (
	"context"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/broker/nats"
)

// installed is the address of the server of this machine, or skips the test.
func installed(t testing.TB) string {
	address := os.Getenv("CAIRN_NATS_URL")
	if address == "" {
		address = client.DefaultURL
	}
	conn, err := client.Connect(address)
	if err != nil {
		if os.Getenv("CAIRN_REQUIRE_SERVICES") != "" {
			t.Fatalf("NATS at %s: %v", address, err)
		}
		t.Skipf("no NATS at %s: %v", address, err)
	}
	conn.Close()
	return address
}

// embedded starts a recent server that ends with the test.
func embedded(t testing.TB, change func(*server.Options)) *server.Server {
	t.Helper()
	o := &server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoSigs: true, NoLog: true}
	if change != nil {
		change(o)
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(30 * time.Second) {
		t.Fatal("the embedded server does not start")
	}
	return s
}

// dial connects past any proxy.
func dial(t testing.TB, address string) jetstream.JetStream {
	t.Helper()
	conn, err := client.Connect(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// stream makes one for a test, and returns its name, which is its subject too.
func stream(t testing.TB, js jetstream.JetStream, change func(*jetstream.StreamConfig)) string {
	t.Helper()
	name := "cairn-" + brokertest.Unique()
	c := jetstream.StreamConfig{Name: name, Subjects: []string{name, name + ".>"}, Storage: jetstream.MemoryStorage}
	if change != nil {
		change(&c)
	}
	if _, err := js.CreateStream(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if js.Conn().IsConnected() { // or its server is gone, and all with it
			_ = js.DeleteStream(ctx, name)
		}
	})
	return name
}

// open prepares a check of the kit on a server, behind a proxy.
func open(t testing.TB, address string) brokertest.Broker {
	js := dial(t, address)
	name := stream(t, js, nil)
	proxy := brokertest.NewProxy(t)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	host := u.Host
	if !strings.Contains(host, ":") {
		host += ":4222"
	}
	u.Host = proxy.Address(host)
	connection := nats.Connection{URL: u.String()}
	return brokertest.Broker{
		Topic:    name,
		Line:     proxy,
		TooLarge: 2 << 20, // max_payload is 1 MiB
		Publisher: func(t testing.TB) broker.Publisher {
			return publisher(t, nats.PublisherOptions{Connection: connection})
		},
		Subscriber: func(t testing.TB, s brokertest.Subscription) broker.Subscriber {
			o := nats.SubscriberOptions{
				Connection: connection, Stream: name, Subjects: []string{name}, Durable: s.Name, Workers: s.Workers,
				Sink: s.Sink, DeadSubject: name + ".dead", AckWait: 2 * time.Second,
			}
			return subscriber(t, o)
		},
		Garbage: func(t testing.TB, body []byte) {
			if _, err := js.Publish(t.Context(), name, body); err != nil {
				t.Fatal(err)
			}
		},
	}
}

func publisher(t testing.TB, o nats.PublisherOptions) *nats.Publisher {
	t.Helper()
	p, err := nats.NewPublisher(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close(context.Background()) })
	return p
}

func subscriber(t testing.TB, o nats.SubscriberOptions) *nats.Subscriber {
	t.Helper()
	s, err := nats.NewSubscriber(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
