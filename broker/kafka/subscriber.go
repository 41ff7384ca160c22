package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/cairndb/cairn/broker"
)

// SubscriberOptions are the settings of a [Subscriber].
type SubscriberOptions struct {
	Connection

	// Group is the consumer group. Subscribers of one group share what arrives,
	// and one goes on where another has ended. A new group begins with what is
	// oldest. It must be given.
	Group string

	// Topics are what to receive from. There must be at least one.
	Topics []string

	// Key says which messages must be kept in order. Nil means those of the
	// same [broker.Message].Key. Those with an empty key are in order with none.
	Key func(*broker.Message) string

	// Workers is how many messages to handle at the same time. Zero means 8.
	Workers int

	// Window is how many messages may be received and not settled. When keys
	// that fail have filled it nothing more arrives. Zero means 1,024.
	Window int

	// Attempts is how often to try a message before it is a dead letter. Zero is
	// no limit. Backoff is how long to wait after a failed attempt, counting
	// from 1. Nil doubles from 100 ms to 30 s.
	Attempts int
	Backoff  func(attempt int) time.Duration

	// CommitEvery is how often to commit, at least 100 ms. It bounds what a crash
	// repeats. Zero means 1 s.
	CommitEvery time.Duration

	// Grace is how long handlers may go on with messages of a partition that is
	// to move to another member; then their context ends. It must be below the
	// group's rebalance timeout. Zero means 20 s.
	Grace time.Duration

	// Sink takes dead letters. If it is nil they are published to DeadTopic. One
	// of both must be given.
	Sink      broker.Sink
	DeadTopic string
}

// A Subscriber implements [broker.Subscriber] as a member of a consumer group.
type Subscriber struct {
	o SubscriberOptions
}

// NewSubscriber makes a subscriber. It does not connect, and fails only when the
// options are wrong, with an [*InvalidError].
func NewSubscriber(o SubscriberOptions) (*Subscriber, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Key == nil {
		o.Key = func(m *broker.Message) string { return m.Key }
	}
	if o.Window == 0 {
		o.Window = 1024
	}
	if o.CommitEvery == 0 {
		o.CommitEvery = time.Second
	}
	if o.Grace == 0 {
		o.Grace = 20 * time.Second
	}
	return &Subscriber{o: o}, nil
}

// check names the first option that cannot be.
func (o *SubscriberOptions) check() error {
	switch {
	case o.Group == "":
		return &InvalidError{Field: "Group", Reason: "must be given"}
	case len(o.Topics) == 0:
		return &InvalidError{Field: "Topics", Reason: "must be given"}
	case o.Sink == nil && o.DeadTopic == "":
		return &InvalidError{Field: "Sink", Reason: "or DeadTopic must be given, or what cannot be handled has nowhere to go"}
	case o.DeadTopic != "" && !publishable(o.DeadTopic):
		return &InvalidError{Field: "DeadTopic", Reason: "must have at most 249 letters, digits, dots, underscores and hyphens"}
	case o.CommitEvery != 0 && o.CommitEvery < 100*time.Millisecond:
		return &InvalidError{Field: "CommitEvery", Reason: "must be at least 100 ms"}
	}
	for field, n := range map[string]int64{
		"Workers": int64(o.Workers), "Window": int64(o.Window), "Attempts": int64(o.Attempts),
		"Grace": int64(o.Grace),
	} {
		if n < 0 {
			return &InvalidError{Field: field, Reason: "must not be negative"}
		}
	}
	return nil
}

// Subscribe implements [broker.Subscriber]. It ends early when the cluster does
// not accept the credentials, the topics or the group.
func (s *Subscriber) Subscribe(ctx context.Context, handle func(context.Context, broker.Delivery) error) error {
	x := newSession(ctx, &s.o, handle)
	cl, err := s.o.client(
		kgo.ConsumerGroup(s.o.Group), kgo.ConsumeTopics(s.o.Topics...), kgo.Balancers(kgo.CooperativeStickyBalancer()),
		// A new partition is first heard of when the fetch before it has ended.
		kgo.FetchMaxWait(500*time.Millisecond),
		kgo.BlockRebalanceOnPoll(), kgo.AutoCommitMarks(), kgo.AutoCommitInterval(s.o.CommitEvery),
		kgo.OnPartitionsRevoked(x.revoked), kgo.OnPartitionsLost(x.lost),
	)
	if err != nil {
		return err
	}
	x.cl = cl
	err = x.run(ctx)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("kafka: group %q: %w", s.o.Group, err)
}
