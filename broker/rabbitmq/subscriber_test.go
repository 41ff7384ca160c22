package rabbitmq_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/brokertest"
	"github.com/cairndb/cairn/broker/rabbitmq"
)

// subscribe runs a subscription until the test ends, or the function returned.
func subscribe(t *testing.T, o rabbitmq.SubscriberOptions, handle func(context.Context, broker.Delivery) error) (stop func() error) {
	t.Helper()
	o.URL = address()
	o.Reconnect, o.Backoff = quick, quick
	s, err := rabbitmq.NewSubscriber(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Subscribe(ctx, handle) }()
	var result error
	ended := false
	stop = func() error {
		if !ended {
			cancel()
			result, ended = <-done, true
		}
		return result
	}
	t.Cleanup(func() { _ = stop() })
	return stop
}

func receive[T any](t *testing.T, c <-chan T, what string) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(30 * time.Second):
		t.Fatalf("no %s came", what)
	}
	return v
}

// What is rejected, and what cannot be read, goes where the queue sends dead
// letters, as it came.
func TestRejectedGoesToTheDeadLetterExchange(t *testing.T) {
	t.Parallel()
	ch := dial(t)
	name := "cairn-" + brokertest.Unique()
	queue(t, ch, name, amqp.Table{"x-dead-letter-exchange": "", "x-dead-letter-routing-key": name + "-dead"})
	queue(t, ch, name+"-dead", nil)
	dead, err := ch.Consume(name+"-dead", "", true, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	subscribe(t, rabbitmq.SubscriberOptions{Queue: name, DeadLetters: true}, func(context.Context, broker.Delivery) error {
		return broker.ErrRejected
	})
	if err := ch.Publish("", name, false, false, amqp.Publishing{Body: []byte("garbage")}); err != nil {
		t.Fatal(err)
	}
	if d := receive(t, dead, "dead letter"); string(d.Body) != "garbage" {
		t.Errorf("the dead letter is %q", d.Body)
	}
	p := publisher(t, rabbitmq.PublisherOptions{Topic: name})
	if err := p.Publish(t.Context(), message("", "rejected")); err != nil {
		t.Fatal(err)
	}
	if d := receive(t, dead, "dead letter"); d.MessageId != "rejected" {
		t.Errorf("the dead letter is %q", d.MessageId)
	}
}

// A message that fails and fails goes back to its queue, which counts; when
// enough is enough for the queue, it is a dead letter.
func TestAttemptsGoBackToTheQueueWhichCounts(t *testing.T) {
	t.Parallel()
	ch := dial(t)
	name := "cairn-" + brokertest.Unique()
	queue(t, ch, name+"-dead", nil)
	queue(t, ch, name, amqp.Table{
		amqp.QueueTypeArg: amqp.QueueTypeQuorum, "x-delivery-limit": 2,
		"x-dead-letter-exchange": "", "x-dead-letter-routing-key": name + "-dead",
	})
	dead, err := ch.Consume(name+"-dead", "", true, false, false, false, nil)
	if err != nil {
		t.Fatal(err)
	}
	attempts := make(chan int, 100)
	subscribe(t, rabbitmq.SubscriberOptions{Queue: name, DeadLetters: true, Attempts: 2}, func(_ context.Context, d broker.Delivery) error {
		attempts <- d.Attempt
		return errors.New("no")
	})
	p := publisher(t, rabbitmq.PublisherOptions{Topic: name})
	if err := p.Publish(t.Context(), message("", "failing")); err != nil {
		t.Fatal(err)
	}
	if d := receive(t, dead, "dead letter"); d.MessageId != "failing" {
		t.Errorf("the dead letter is %q", d.MessageId)
	}
	var got []int
	for len(attempts) > 0 {
		got = append(got, <-attempts)
	}
	if len(got) < 4 || got[0] != 1 || got[1] != 2 || got[2] != 2 {
		t.Errorf("the attempts were %v, want 1, 2 and, delivered again, 2 and more", got)
	}
}

// Two subscribers of a queue with a single active consumer: the other takes over
// when the first ends, and nothing is out of order.
func TestTwoOwnersOfAQueueInOrder(t *testing.T) {
	t.Parallel()
	ch := dial(t)
	name := "cairn-" + brokertest.Unique()
	queue(t, ch, name, amqp.Table{amqp.SingleActiveConsumerArg: true})
	sink := func(context.Context, broker.Letter) error { return nil }
	type seen struct {
		who int
		id  string
	}
	arrived := make(chan seen, 1000)
	var stops []func() error
	for who := range 2 {
		stops = append(stops, subscribe(t, rabbitmq.SubscriberOptions{Queue: name, Sink: sink}, func(_ context.Context, d broker.Delivery) error {
			arrived <- seen{who, d.Event.ID()}
			return nil
		}))
	}
	p := publisher(t, rabbitmq.PublisherOptions{Topic: name})
	publish := func(from, to int) {
		for i := from; i < to; i++ {
			if err := p.Publish(t.Context(), message("", fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
	}
	publish(0, 50)
	one := receive(t, arrived, "message")
	next := 1
	check := func(until int) (who int) {
		for next < until {
			s := receive(t, arrived, "message")
			if s.id == fmt.Sprint(next) {
				next++
			} else if s.id > fmt.Sprint(next) && len(s.id) >= len(fmt.Sprint(next)) {
				t.Fatalf("%s came where %d was to", s.id, next)
			}
			who = s.who
		}
		return who
	}
	check(50)
	if err := stops[one.who](); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	publish(50, 100)
	if who := check(100); who == one.who {
		t.Error("one that has ended still receives")
	}
}

func TestWhatConnectingAgainDoesNotMend(t *testing.T) {
	t.Parallel()
	dial(t)
	u, err := amqp.ParseURI(address())
	if err != nil {
		t.Fatal(err)
	}
	u.Password = "secret-but-wrong"
	for word, url := range map[string]string{"declare": address(), "password": u.String()} {
		s, err := rabbitmq.NewSubscriber(rabbitmq.SubscriberOptions{
			Connection: rabbitmq.Connection{URL: url, Reconnect: quick}, Queue: "cairn-nowhere", DeadLetters: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		end := make(chan error, 1)
		go func() { end <- s.Subscribe(t.Context(), nil) }()
		got := receive(t, end, "end")
		if e, ok := errors.AsType[*rabbitmq.SubscribeError](got); !ok || e.Queue != "cairn-nowhere" || !strings.Contains(got.Error(), word) || strings.Contains(got.Error(), "secret") {
			t.Errorf("got %v", got)
		}
	}
}

// A queue that is deleted under its subscriber is found again if it is declared.
func TestAQueueThatIsDeletedAndDeclaredAgain(t *testing.T) {
	t.Parallel()
	ch := dial(t)
	name := "cairn-" + brokertest.Unique()
	queue(t, ch, name, nil)
	connections := make(chan error, 100)
	arrived := make(chan string, 100)
	subscribe(t, rabbitmq.SubscriberOptions{
		Connection: rabbitmq.Connection{
			OnConnection: func(err error) { connections <- err },
			Declare: func(ch *amqp.Channel) error {
				_, err := ch.QueueDeclare(name, true, false, false, false, nil)
				return err
			},
		},
		Queue: name, DeadLetters: true,
	}, func(_ context.Context, d broker.Delivery) error {
		arrived <- d.Event.ID()
		return nil
	})
	if err := receive(t, connections, "connection"); err != nil {
		t.Fatal(err)
	}
	if _, err := ch.QueueDelete(name, false, false, false); err != nil {
		t.Fatal(err)
	}
	if err := receive(t, connections, "end"); err == nil || !strings.Contains(err.Error(), "deleted") {
		t.Errorf("the subscriber was told %v", err)
	}
	if err := receive(t, connections, "connection"); err != nil {
		t.Fatal(err)
	}
	p := publisher(t, rabbitmq.PublisherOptions{Topic: name})
	if err := p.Publish(t.Context(), message("", "again")); err != nil {
		t.Fatal(err)
	}
	if id := receive(t, arrived, "message"); id != "again" {
		t.Errorf("%q came", id)
	}
}
