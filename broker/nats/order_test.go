package nats_test

import (
	"context"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/broker/nats"
)

// TestKilledSubscriberIsNotOvertaken kills one that has received messages of a
// key. New ones of the key must wait for the server to deliver those again.
func TestKilledSubscriberIsNotOvertaken(t *testing.T) {
	t.Parallel()
	s := embedded(t, nil)
	u, err := url.Parse(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	name := stream(t, dial(t, s.ClientURL()), nil)
	p := publisher(t, nats.PublisherOptions{Connection: nats.Connection{URL: s.ClientURL()}})
	proxy := brokertest.NewProxy(t)
	o := nats.SubscriberOptions{
		Connection: nats.Connection{URL: "nats://" + proxy.Address(u.Host)}, Stream: name, Durable: "d", AckWait: 2 * time.Second, DeadSubject: "dead",
	}
	stuck := make(chan string, 100)
	kill := subscribe(t, subscriber(t, o), func(ctx context.Context, d broker.Delivery) error {
		stuck <- d.Event.ID()
		<-ctx.Done()
		return ctx.Err()
	})
	want := publishAll(t, p, name, "k", 0, 5)
	take(t, stuck, 1)
	proxy.Cut()
	_ = kill()
	want = append(want, publishAll(t, p, name, "k", 5, 10)...)
	o.Connection.URL = s.ClientURL()
	ids, handle := arrivals(100)
	subscribe(t, subscriber(t, o), handle)
	if got := take(t, ids, 10); !slices.Equal(got, want) {
		t.Errorf("arrived %v", got)
	}
}

// TestLongHandlersKeepTheirMessage has a handler take much longer than AckWait.
func TestLongHandlersKeepTheirMessage(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("takes 3 s")
	}
	s := embedded(t, nil)
	js := dial(t, s.ClientURL())
	name := stream(t, js, nil)
	connection := nats.Connection{URL: s.ClientURL()}
	publishAll(t, publisher(t, nats.PublisherOptions{Connection: connection}), name, "k", 0, 2)
	var calls atomic.Int64
	ids := make(chan string, 10)
	subscribe(t, subscriber(t, nats.SubscriberOptions{Connection: connection, Stream: name, Durable: "d", AckWait: time.Second, DeadSubject: "dead"}),
		func(ctx context.Context, d broker.Delivery) error {
			if calls.Add(1) == 1 {
				wait(ctx, 3*time.Second)
			}
			ids <- d.Event.ID()
			return nil
		})
	if got := take(t, ids, 2); !slices.Equal(got, []string{"k-0", "k-1"}) || calls.Load() != 2 {
		t.Errorf("arrived %v, in %d calls", got, calls.Load())
	}
	c, err := js.Consumer(t.Context(), name, "d")
	if err != nil {
		t.Fatal(err)
	}
	if n := c.CachedInfo().Delivered.Consumer; n != 2 {
		t.Errorf("the server has delivered %d times", n)
	}
}

// TestExclusive has two of an exclusive name: one receives all, in order, and the
// other goes on when it ends.
func TestExclusive(t *testing.T) {
	t.Parallel()
	s := embedded(t, nil)
	name := stream(t, dial(t, s.ClientURL()), nil)
	connection := nats.Connection{URL: s.ClientURL()}
	p := publisher(t, nats.PublisherOptions{Connection: connection})
	o := nats.SubscriberOptions{Connection: connection, Stream: name, Durable: "d", Exclusive: true, AckWait: 2 * time.Second, DeadSubject: "dead"}
	idsA, handleA := arrivals(100)
	stopA := subscribe(t, subscriber(t, o), handleA)
	want := publishAll(t, p, name, "k", 0, 5)
	if got := take(t, idsA, 5); !slices.Equal(got, want) {
		t.Fatalf("arrived %v", got)
	}
	idsB, handleB := arrivals(100)
	subscribe(t, subscriber(t, o), handleB)
	want = publishAll(t, p, name, "k", 5, 30)
	if got := take(t, idsA, 25); !slices.Equal(got, want) || len(idsB) > 0 {
		t.Fatalf("arrived %v, and %d at the other", got, len(idsB))
	}
	_ = stopA()
	want = publishAll(t, p, name, "k", 30, 35)
	if got := take(t, idsB, 5); !slices.Equal(got, want) {
		t.Errorf("arrived %v", got)
	}
}
