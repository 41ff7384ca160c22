package webhook

import (
	"context"
	"errors"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// SubscriberOptions are the settings of a [Subscriber].
type SubscriberOptions struct {
	// Secrets are those of which one must have signed each request.
	Secrets []string

	// Unsigned takes requests from anybody. Without it there must be a secret.
	Unsigned bool

	// Tolerance is how old a signature may be, and how far ahead the sender's
	// clock. Within it a message that was handled is remembered by its ID, and
	// acknowledged without being handled again. Zero means 5 min.
	Tolerance time.Duration

	// Remembered is how many IDs that are at most. Beyond it the oldest is
	// forgotten. Zero means 65,536.
	Remembered int

	// MaxSize is how many bytes of body are read. Zero means 1 MiB.
	MaxSize int64

	// ReadTimeout is how long a sender may take for the body. Zero means 10 s.
	ReadTimeout time.Duration

	// Concurrent is how many requests are taken at the same time; more are told
	// to come again. Zero means 1,024.
	Concurrent int

	// Workers is how many messages of different keys are handled at the same
	// time. Zero means 8.
	Workers int

	// Attempts is how often a message is tried before the sender is told that it
	// has failed, and Backoff how long to wait in between. The sender waits for
	// it, and sends again itself. Zero means once, and 100 ms to 30 s.
	Attempts int
	Backoff  func(attempt int) time.Duration

	// Sink takes what is rejected or no event. Without one the sender is told.
	// What is not signed as it must be is not given to it.
	Sink broker.Sink

	// Origins are who may send, as senders ask that want to know before: names
	// like eventgrid.azure.net, or * for all. Without any, nobody is told that
	// it may.
	Origins []string

	// Rate is how many requests a minute such a sender is told to keep to. Zero
	// is no limit.
	Rate int
}

// A Subscriber implements [broker.Subscriber] and [http.Handler]: what is posted
// to it is handled while Subscribe runs, and refused as unavailable otherwise.
// The path of a request is the topic; [http.StripPrefix] takes off what is not.
type Subscriber struct {
	o       SubscriberOptions
	secrets []*standardwebhooks.Webhook
	seen    *seen
	slots   chan struct{}

	mu      sync.RWMutex // held while tasks are added, and for writing to end that
	current *subscription
}

// A subscription is one call of Subscribe.
type subscription struct {
	ctx    context.Context
	handle func(context.Context, broker.Delivery) error
	lanes  *lane.Lanes
}

var (
	errTwice  = errors.New("webhook: the subscriber is subscribed already")
	errEnding = errors.New("webhook: the subscription has ended")
)

// NewSubscriber makes a subscriber. An [*InvalidError] names the option that is
// wrong.
func NewSubscriber(o SubscriberOptions) (*Subscriber, error) {
	parsed, err := secrets(o.Secrets)
	switch {
	case err != nil:
		return nil, err
	case len(parsed) == 0 && !o.Unsigned:
		return nil, invalid("Secrets", "must not be empty; set Unsigned to take messages from anybody")
	case o.Tolerance < 0:
		return nil, invalid("Tolerance", "must not be negative")
	case o.MaxSize < 0:
		return nil, invalid("MaxSize", "must not be negative")
	case o.Concurrent < 0:
		return nil, invalid("Concurrent", "must not be negative")
	case o.Attempts < 0:
		return nil, invalid("Attempts", "must not be negative")
	}
	orDefault(&o.Tolerance, 5*time.Minute)
	orDefault(&o.Remembered, 1<<16)
	orDefault(&o.MaxSize, 1<<20)
	orDefault(&o.ReadTimeout, 10*time.Second)
	orDefault(&o.Concurrent, 1024)
	orDefault(&o.Attempts, 1)
	return &Subscriber{
		o: o, secrets: parsed, seen: newSeen(o.Remembered, 2*o.Tolerance), slots: make(chan struct{}, o.Concurrent),
	}, nil
}

// Subscribe implements [broker.Subscriber]. It may be called again when it has
// returned.
func (s *Subscriber) Subscribe(ctx context.Context, handle func(context.Context, broker.Delivery) error) error {
	sub := &subscription{ctx: ctx, handle: handle}
	sub.lanes = lane.New(ctx, lane.Options{Workers: s.o.Workers, Attempts: s.o.Attempts, Backoff: s.o.Backoff})
	if !s.swap(nil, sub) {
		return errTwice
	}
	<-ctx.Done()
	s.swap(sub, nil)
	sub.lanes.Wait()
	return context.Cause(ctx)
}

func (s *Subscriber) swap(from, to *subscription) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current != from {
		return false
	}
	s.current = to
	return true
}
