package rabbitmq_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/broker/rabbitmq"
)

// refused wants an error of a kind that has a word in it and a hint.
func refused(t *testing.T, err, kind error, word string) {
	t.Helper()
	pe, ok := errors.AsType[*broker.PublishError](err)
	switch {
	case !ok:
		t.Fatalf("got %v, and not a PublishError", err)
	case !errors.Is(err, kind):
		t.Errorf("got %v, which does not match %v", err, kind)
	case pe.Hint == "" || !strings.Contains(err.Error(), word):
		t.Errorf("got %q, without a hint or the word %q", err, word)
	}
}

// Among messages that a queue gets, those that none gets are told apart.
func TestUnroutable(t *testing.T) {
	t.Parallel()
	ch := dial(t)
	name := "cairn-" + brokertest.Unique()
	queue(t, ch, name, nil)
	p := publisher(t, rabbitmq.PublisherOptions{InFlight: 16})
	var callers sync.WaitGroup
	for i := range 40 {
		callers.Go(func() {
			// The same IDs to both, as when one event is published to many topics.
			if err := p.Publish(t.Context(), message(name, fmt.Sprint(i))); err != nil {
				t.Errorf("routable: %v", err)
			}
		})
		callers.Go(func() {
			err := p.Publish(t.Context(), message(name+"-nowhere", fmt.Sprint(i)))
			refused(t, err, broker.ErrRejected, "bind a queue")
		})
	}
	callers.Wait()
	if q, err := ch.QueueDeclarePassive(name, true, false, false, false, nil); err != nil || q.Messages != 40 {
		t.Errorf("the queue has %d messages, want 40 (%v)", q.Messages, err)
	}
}

func TestAFullQueueIsUnavailableUntilThereIsRoom(t *testing.T) {
	t.Parallel()
	ch := dial(t)
	name := "cairn-" + brokertest.Unique()
	queue(t, ch, name, amqp.Table{amqp.QueueMaxLenArg: 2, amqp.QueueOverflowArg: amqp.QueueOverflowRejectPublish})
	p := publisher(t, rabbitmq.PublisherOptions{Topic: name})
	var err error
	for i := 0; err == nil && i < 100; i++ {
		err = p.Publish(t.Context(), message("", fmt.Sprint(i)))
	}
	refused(t, err, broker.ErrUnavailable, "full")
	if _, err := ch.QueuePurge(name, false); err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(t.Context(), message("", "again")); err != nil {
		t.Errorf("with room: %v", err)
	}
}

// What an operator has got wrong is named, and the broker is left alone in
// between: it is asked once in the time that Reconnect says.
func TestWhatAnOperatorGotWrongIsNamedAndNotTriedHot(t *testing.T) {
	t.Parallel()
	dial(t)
	u, err := amqp.ParseURI(address())
	if err != nil {
		t.Fatal(err)
	}
	password, vhost := u, u
	password.Password = "secret-but-wrong"
	vhost.Vhost = "cairn-nowhere"
	for name, c := range map[string]struct {
		o    rabbitmq.PublisherOptions
		word string
	}{
		"password":      {rabbitmq.PublisherOptions{Connection: rabbitmq.Connection{URL: password.String()}}, "password"},
		"virtual host":  {rabbitmq.PublisherOptions{Connection: rabbitmq.Connection{URL: vhost.String()}}, "virtual host"},
		"exchange":      {rabbitmq.PublisherOptions{Exchange: "cairn-nowhere"}, "cairn-nowhere"},
		"nobody there":  {rabbitmq.PublisherOptions{Connection: rabbitmq.Connection{URL: "amqp://guest:guest@127.0.0.1:1"}}, ""},
		"other setting": {rabbitmq.PublisherOptions{Connection: rabbitmq.Connection{Declare: redeclare}}, "amq.direct"},
	} {
		t.Run(name, func(t *testing.T) {
			var tries atomic.Int64
			c.o.OnConnection = func(error) { tries.Add(1) }
			c.o.Reconnect = func(int) time.Duration { return time.Hour }
			p := publisher(t, c.o)
			for range 5 {
				err := p.Publish(t.Context(), message("x", "1"))
				if !errors.Is(err, broker.ErrUnavailable) || !strings.Contains(err.Error(), c.word) {
					t.Errorf("got %v, want ErrUnavailable with the word %q", err, c.word)
				}
				if strings.Contains(err.Error(), "secret") {
					t.Errorf("the error has the password: %v", err)
				}
			}
			if n := tries.Load(); n > 2 { // an exchange is missed only when connected
				t.Errorf("the broker was asked %d times", n)
			}
		})
	}
}

// redeclare declares an exchange that is there with another type.
func redeclare(ch *amqp.Channel) error {
	return ch.ExchangeDeclare("amq.direct", "fanout", true, false, false, false, nil)
}

func TestMessagesThatCannotBeAreRejectedWithoutAConnection(t *testing.T) {
	t.Parallel()
	p := publisher(t, rabbitmq.PublisherOptions{
		Connection: rabbitmq.Connection{URL: "amqp://127.0.0.1:1"}, MaxSize: 100,
	})
	large, long, many := message("x", "1"), message(strings.Repeat("x", 256), "1"), message("x", "1")
	large.Event.DataEncoded = make([]byte, 101)
	many.Event.SetExtension("long", strings.Repeat("x", 100<<10))
	for name, m := range map[string]broker.Message{"large": large, "long topic": long, "long attribute": many} {
		if err := p.Publish(t.Context(), m); !errors.Is(err, broker.ErrRejected) || errors.Is(err, broker.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A broker short of memory is not written to.
func TestABrokerThatBlocksIsUnavailable(t *testing.T) {
	t.Parallel()
	ch := dial(t)
	name := "cairn-" + brokertest.Unique()
	queue(t, ch, name, nil)
	p := publisher(t, rabbitmq.PublisherOptions{Topic: name})
	if err := p.Publish(t.Context(), message("", "1")); err != nil {
		t.Fatal(err)
	}
	p.SetBlocked("low on memory")
	if err := p.Publish(t.Context(), message("", "2")); !errors.Is(err, broker.ErrUnavailable) || !strings.Contains(err.Error(), "low on memory") {
		t.Errorf("got %v", err)
	}
	p.SetBlocked("")
	if err := p.Publish(t.Context(), message("", "3")); err != nil {
		t.Errorf("got %v", err)
	}
}

// A broker that takes messages and confirms none is unavailable in time.
func TestABrokerThatConfirmsNothing(t *testing.T) {
	t.Parallel()
	ch := dial(t)
	name := "cairn-" + brokertest.Unique()
	queue(t, ch, name, nil)
	proxy := brokertest.NewProxy(t)
	p := publisher(t, rabbitmq.PublisherOptions{
		Connection: rabbitmq.Connection{URL: through(t, proxy), Reconnect: quick},
		Topic:      name, Confirmed: 100 * time.Millisecond, InFlight: 1,
	})
	insist(t, p, message("", "1"))
	proxy.Stall()
	if err := p.Publish(t.Context(), message("", "2")); !errors.Is(err, broker.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
	proxy.Mend()
	insist(t, p, message("", "3"))
}

// insist publishes until the broker is there.
func insist(t *testing.T, p broker.Publisher, m broker.Message) {
	t.Helper()
	for {
		err := p.Publish(t.Context(), m)
		if err == nil {
			return
		}
		if !errors.Is(err, broker.ErrUnavailable) {
			t.Fatal(err)
		}
		rest(t.Context(), 10*time.Millisecond)
	}
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func TestInvalidOptionsAreNamed(t *testing.T) {
	t.Parallel()
	sink := func(context.Context, broker.Letter) error { return nil }
	at := rabbitmq.Connection{URL: "amqp://127.0.0.1"}
	for field, make := range map[string]func() error{
		"URL": func() error { return first(rabbitmq.NewPublisher(rabbitmq.PublisherOptions{})) },
		"InFlight": func() error {
			return first(rabbitmq.NewPublisher(rabbitmq.PublisherOptions{Connection: at, InFlight: -1}))
		},
		"Exchange": func() error {
			return first(rabbitmq.NewPublisher(rabbitmq.PublisherOptions{Connection: at, Exchange: strings.Repeat("x", 256)}))
		},
		"Queue": func() error {
			return first(rabbitmq.NewSubscriber(rabbitmq.SubscriberOptions{Connection: at, Sink: sink}))
		},
		"Sink": func() error {
			return first(rabbitmq.NewSubscriber(rabbitmq.SubscriberOptions{Connection: at, Queue: "q"}))
		},
		"Prefetch": func() error {
			return first(rabbitmq.NewSubscriber(rabbitmq.SubscriberOptions{Connection: at, Queue: "q", Sink: sink, Prefetch: 70000}))
		},
	} {
		err := make()
		if e, ok := errors.AsType[*rabbitmq.InvalidError](err); !ok || e.Field != field {
			t.Errorf("got %v, and not that %s is invalid", err, field)
		}
	}
	err := first(rabbitmq.NewPublisher(rabbitmq.PublisherOptions{Connection: rabbitmq.Connection{URL: "amqp://user:secret@host:port/"}}))
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("got %v", err)
	}
}

func first[T any](_ T, err error) error { return err }
