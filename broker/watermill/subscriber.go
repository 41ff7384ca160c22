package watermill

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// SubscriberOptions are the settings of a [Subscriber].
type SubscriberOptions struct {
	// Topic is what is subscribed to.
	Topic string

	// Prefix begins the names of attributes. Empty means [DefaultPrefix].
	Prefix string

	// Workers is how many messages of different keys are handled at the same
	// time, if the other side hands out more than one. Zero means 8.
	Workers int

	// Attempts is how often a message is tried before the other side is told
	// that it has failed, and delivers it again or does what else it was
	// configured for. Zero means 10.
	Attempts int

	// Backoff is how long to wait after a failed attempt, counting from 1. Nil
	// means a time that doubles from 100 ms to 30 s.
	Backoff func(attempt int) time.Duration

	// Sink takes what is rejected or cannot be read. It must not be nil, because
	// watermill has nothing of the kind that all its subscribers share.
	Sink broker.Sink
}

// An InvalidError is an option that cannot be.
type InvalidError struct {
	Field  string
	Reason string
}

// Error says which and why.
func (e *InvalidError) Error() string { return fmt.Sprintf("watermill: %s %s", e.Field, e.Reason) }

// A Subscriber implements [broker.Subscriber] with a subscriber of watermill. It
// does not close it.
type Subscriber struct {
	o    SubscriberOptions
	from message.Subscriber
}

// ErrEnded is what Subscribe returns when the other side has ended the
// subscription by itself, because it was closed.
var ErrEnded = errors.New("watermill: the subscription has ended")

// NewSubscriber makes a subscriber that takes messages from another. An
// [*InvalidError] names the option that is wrong.
func NewSubscriber(from message.Subscriber, o SubscriberOptions) (*Subscriber, error) {
	switch {
	case o.Topic == "":
		return nil, &InvalidError{Field: "Topic", Reason: "must not be empty"}
	case o.Sink == nil:
		return nil, &InvalidError{Field: "Sink", Reason: "must not be nil: rejected messages have to go somewhere"}
	case o.Workers < 0:
		return nil, &InvalidError{Field: "Workers", Reason: "must not be negative"}
	case o.Attempts < 0:
		return nil, &InvalidError{Field: "Attempts", Reason: "must not be negative"}
	}
	if o.Prefix == "" {
		o.Prefix = DefaultPrefix
	}
	if o.Attempts == 0 {
		o.Attempts = 10
	}
	return &Subscriber{o: o, from: from}, nil
}

// Subscribe implements [broker.Subscriber].
func (s *Subscriber) Subscribe(ctx context.Context, handle func(context.Context, broker.Delivery) error) error {
	arriving, cancel := context.WithCancel(ctx)
	defer cancel()
	messages, err := s.from.Subscribe(arriving, s.o.Topic)
	if err != nil {
		return fmt.Errorf("watermill: subscribing to %q: %w", s.o.Topic, err)
	}
	lanes := lane.New(ctx, lane.Options{Workers: s.o.Workers, Attempts: s.o.Attempts, Backoff: s.o.Backoff})
	defer lanes.Wait()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case m, more := <-messages:
			if !more && ctx.Err() == nil {
				return ErrEnded
			}
			if !more {
				return context.Cause(ctx)
			}
			lanes.Add(s.task(ctx, m, handle))
		}
	}
}

func (s *Subscriber) task(ctx context.Context, m *message.Message, handle func(context.Context, broker.Delivery) error) lane.Task {
	a := s.o.decode(m)
	return lane.Task{
		Key: a.Letter.Key,
		Try: func(attempt int) error { return a.Handle(ctx, attempt, handle, s.o.Sink) },
		Settle: func(err error) bool {
			if err != nil {
				m.Nack()
				return false
			}
			m.Ack()
			return true
		},
	}
}

// decode reads what has arrived.
func (o *SubscriberOptions) decode(m *message.Message) *lane.Arrival {
	l := broker.Letter{Topic: o.Topic, Key: m.Metadata.Get(keyName), Header: maps.Clone(m.Metadata), Body: m.Payload}
	e, err := broker.FromHeaders(o.Prefix, maps.All(m.Metadata), m.Metadata.Get(contentType), m.Payload)
	if err != nil {
		l.Err = err
		return &lane.Arrival{Letter: l}
	}
	if key, ok := e.Extensions()["partitionkey"].(string); ok && l.Key == "" {
		l.Key = key
	}
	return &lane.Arrival{Letter: l, Message: broker.Message{Event: e, Topic: o.Topic, Key: l.Key}}
}
