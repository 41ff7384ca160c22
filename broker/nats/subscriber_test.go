package nats_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/nats"
)

// subscribe runs a subscription until stop, which returns its error.
func subscribe(t *testing.T, s broker.Subscriber, handle func(context.Context, broker.Delivery) error) (stop func() error) {
	ctx, cancel := context.WithCancel(limited(t))
	done := make(chan error, 1)
	go func() { done <- s.Subscribe(ctx, handle) }()
	stop = func() error {
		cancel()
		select {
		case err := <-done:
			done <- err
			return err
		case <-time.After(30 * time.Second):
			t.Error("Subscribe does not return")
			return nil
		}
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

// arrivals sends the IDs of what arrives.
func arrivals(n int) (chan string, func(context.Context, broker.Delivery) error) {
	ids := make(chan string, n)
	return ids, func(_ context.Context, d broker.Delivery) error { ids <- d.Event.ID(); return nil }
}

// take receives so many.
func take(t *testing.T, ids <-chan string, n int) (all []string) {
	t.Helper()
	for len(all) < n {
		select {
		case id := <-ids:
			all = append(all, id)
		case <-limited(t).Done():
			t.Fatalf("%d of %d arrived: %v", len(all), n, all)
		}
	}
	return all
}

func publishAll(t *testing.T, p *nats.Publisher, name, key string, from, to int) (ids []string) {
	t.Helper()
	for i := from; i < to; i++ {
		ids = append(ids, fmt.Sprint(key, "-", i))
		if err := p.Publish(limited(t), message(name, key, ids[len(ids)-1])); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

// TestServerRestarts stops and starts a server that keeps its streams in files,
// under a publisher and a subscriber.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	o := server.Options{StoreDir: t.TempDir()}
	s := embedded(t, func(all *server.Options) { all.StoreDir = o.StoreDir })
	address := s.ClientURL()
	name := stream(t, dial(t, address), func(c *jetstream.StreamConfig) { c.Storage = jetstream.FileStorage })
	connection := nats.Connection{URL: address}
	p := publisher(t, nats.PublisherOptions{Connection: connection, Timeout: time.Second})
	ids, handle := arrivals(100)
	subscribe(t, subscriber(t, nats.SubscriberOptions{Connection: connection, Subjects: []string{name}, Durable: "d", AckWait: 2 * time.Second, DeadSubject: "dead"}), handle)
	want := publishAll(t, p, name, "k", 0, 3)
	if got := take(t, ids, 3); !slices.Equal(got, want) {
		t.Fatalf("arrived %v", got)
	}
	s.Shutdown()
	s.WaitForShutdown()
	expect(t, p.Publish(limited(t), message(name, "k", "meanwhile")), broker.ErrUnavailable)
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	embedded(t, func(all *server.Options) {
		all.StoreDir = o.StoreDir
		if _, err := fmt.Sscan(u.Port(), &all.Port); err != nil {
			t.Fatal(err)
		}
	})
	after := message(name, "k", "after")
	for ctx := limited(t); ; {
		err := p.Publish(ctx, after)
		if err == nil {
			break
		}
		if !errors.Is(err, broker.ErrUnavailable) || ctx.Err() != nil {
			t.Fatal(err)
		}
		wait(ctx, 20*time.Millisecond)
	}
	for id := ""; id != "after"; {
		id = take(t, ids, 1)[0]
	}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func TestSubscriptionsThatCannotBe(t *testing.T) {
	s := embedded(t, nil)
	js := dial(t, s.ClientURL())
	name := stream(t, js, nil)
	if _, err := js.CreateConsumer(t.Context(), name, jetstream.ConsumerConfig{Durable: "careless", AckPolicy: jetstream.AckNonePolicy}); err != nil {
		t.Fatal(err)
	}
	connection := nats.Connection{URL: s.ClientURL()}
	for why, o := range map[string]nats.SubscriberOptions{
		"create the stream first":   {Stream: "missing", Durable: "d"},
		"no stream for subject":     {Subjects: []string{"missing.>"}, Durable: "d"},
		"consumer not found":        {Stream: name, Durable: "d", Existing: true},
		"ack policy is":             {Stream: name, Durable: "careless", Existing: true},
		"pins its clients":          {Stream: name, Durable: "careful", Exclusive: true, Existing: true},
		"must be at least a second": {Stream: name, Durable: "d", AckWait: 1},
		"Durable":                   {Stream: name, Durable: "a.b"},
		"Stream or Subjects":        {Durable: "d"},
		"Window":                    {Stream: name, Durable: "d", Window: -1},
	} {
		if why == "pins its clients" {
			if _, err := js.CreateConsumer(t.Context(), name, jetstream.ConsumerConfig{Durable: "careful", AckPolicy: jetstream.AckExplicitPolicy}); err != nil {
				t.Fatal(err)
			}
		}
		o.Connection, o.DeadSubject = connection, "dead"
		sub, err := nats.NewSubscriber(o)
		if err == nil {
			err = sub.Subscribe(limited(t), nobody)
		}
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "option ", ""), why) {
			t.Errorf("want an error with %q, got %v", why, err)
		}
	}
	if _, err := nats.NewSubscriber(nats.SubscriberOptions{Stream: name, Durable: "d"}); err == nil || !strings.Contains(err.Error(), "Sink") {
		t.Errorf("dead letters have nowhere to go, and the error is %v", err)
	}
}
