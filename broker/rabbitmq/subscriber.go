package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// SubscriberOptions are the settings of a [Subscriber].
type SubscriberOptions struct {
	Connection

	// Queue is where messages come from.
	Queue string

	// Prefetch is how many messages the broker sends before it hears of the
	// first. Zero means 256; at most 65,535.
	Prefetch int

	// Workers is how many messages of different keys are handled at the same
	// time. Zero means 8.
	Workers int

	// Attempts is how often a message is tried before it goes back to its
	// queue, which counts it, if it is a quorum queue. Zero means 10, and less
	// than zero that it never goes back while the connection lasts.
	Attempts int

	// Backoff is how long to wait after a failed attempt, counting from 1. Nil
	// means a time that doubles from 100 ms to 30 s.
	Backoff func(attempt int) time.Duration

	// Sink takes what is rejected or cannot be read. Without one the queue must
	// have a dead-letter exchange, see DeadLetters.
	Sink broker.Sink

	// DeadLetters says that the queue has a dead-letter exchange: what is
	// rejected goes there. If it has none, the broker drops such messages.
	DeadLetters bool
}

// A Subscriber implements [broker.Subscriber] for one queue. Every call of
// Subscribe is a consumer with its own connection.
type Subscriber struct{ o SubscriberOptions }

// NewSubscriber makes a subscriber. An [*InvalidError] names the option that is
// wrong. A subscriber must know where to put what is rejected: it needs a Sink
// or DeadLetters.
func NewSubscriber(o SubscriberOptions) (*Subscriber, error) {
	var err error
	if o.Connection, err = o.Connection.withDefaults(); err != nil {
		return nil, err
	}
	switch {
	case o.Queue == "" || len(o.Queue) > maxShort:
		return nil, &InvalidError{Field: "Queue", Reason: fmt.Sprintf("must have 1 to %d bytes", maxShort)}
	case o.Prefetch < 0 || o.Prefetch > 65535:
		return nil, &InvalidError{Field: "Prefetch", Reason: "must be from 0 to 65,535"}
	case o.Workers < 0:
		return nil, &InvalidError{Field: "Workers", Reason: "must not be negative"}
	case o.Sink == nil && !o.DeadLetters:
		return nil, &InvalidError{Field: "Sink", Reason: "must be set, or DeadLetters if the queue has a dead-letter exchange: rejected messages have to go somewhere"}
	}
	if o.Prefetch == 0 {
		o.Prefetch = 256
	}
	if o.Attempts == 0 {
		o.Attempts = 10
	}
	return &Subscriber{o}, nil
}

// Subscribe implements [broker.Subscriber]. It connects again until ctx ends, or
// until the broker refuses what no further attempt would change, like a password
// or a queue that is missing: that is a [*SubscribeError].
func (s *Subscriber) Subscribe(ctx context.Context, handle func(context.Context, broker.Delivery) error) error {
	failures, before := 0, false
	for {
		consuming, err := s.consume(ctx, handle)
		before = before || consuming
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.o.OnConnection(err)
		if failures++; consuming {
			failures = 1
		}
		if !consuming && final(err, failures, before) {
			return &SubscribeError{Queue: s.o.Queue, Err: err, Hint: hint(err)}
		}
		rest(ctx, s.o.Reconnect(failures))
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

// consume connects and handles what arrives until the connection ends. It tells
// whether it got that far.
func (s *Subscriber) consume(ctx context.Context, handle func(context.Context, broker.Delivery) error) (bool, error) {
	conn, ch, err := s.o.Connection.open(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.CloseDeadline(time.Now().Add(hangUp)) }() // what is left is lost with it either way
	if err := ch.Qos(s.o.Prefetch, 0, false); err != nil {
		return false, err
	}
	c := consumer{
		Subscriber: s,
		closed:     ch.NotifyClose(make(chan *amqp.Error, 1)),
		cancelled:  ch.NotifyCancel(make(chan string, 1)),
	}
	c.deliveries, err = ch.Consume(s.o.Queue, "", false, false, false, false, nil)
	if err != nil {
		return false, err
	}
	s.o.OnConnection(nil)
	return true, c.run(ctx, handle)
}

// A consumer is one connection of a subscriber.
type consumer struct {
	*Subscriber
	deliveries <-chan amqp.Delivery
	closed     <-chan *amqp.Error
	cancelled  <-chan string
}

var errCancelled = errors.New("the broker has ended the subscription: the queue was deleted, or has moved")

// run handles what arrives. Handlers live no longer than the connection, since
// what they work on is delivered again over the next one.
func (c *consumer) run(ctx context.Context, handle func(context.Context, broker.Delivery) error) (err error) {
	ctx, stop := context.WithCancelCause(ctx)
	lanes := lane.New(ctx, lane.Options{Workers: c.o.Workers, Attempts: max(c.o.Attempts, 0), Backoff: c.o.Backoff})
	defer func() {
		stop(err)
		lanes.Wait()
	}()
	for {
		select {
		case d, ok := <-c.deliveries:
			if !ok {
				return c.why()
			}
			lanes.Add(c.task(ctx, d, handle))
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// why says what has ended the deliveries.
func (c *consumer) why() error {
	select {
	case tag := <-c.cancelled:
		if tag != "" {
			return errCancelled
		}
	default:
	}
	return cause(<-c.closed)
}

func (c *consumer) task(ctx context.Context, d amqp.Delivery, handle func(context.Context, broker.Delivery) error) lane.Task {
	a := decode(&d)
	return lane.Task{
		Key:    a.Letter.Key,
		Try:    func(attempt int) error { return a.Handle(ctx, attempt, handle, c.o.Sink) },
		Settle: func(err error) bool { return settle(&d, err) },
	}
}

// settle answers the broker. If it cannot be reached any more it delivers again
// what it has had no answer for, so the errors of answering do not matter.
func settle(d *amqp.Delivery, err error) (settled bool) {
	switch {
	case err == nil:
		_ = d.Ack(false)
	case errors.Is(err, broker.ErrRejected):
		_ = d.Reject(false)
	default:
		_ = d.Nack(false, true)
		return false
	}
	return true
}
