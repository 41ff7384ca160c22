package nats

import (
	"context"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// SubscriberOptions are the settings of a [Subscriber].
type SubscriberOptions struct {
	Connection

	// Durable is the name of the consumer. Subscribers of one name share what
	// arrives, and one goes on where another has ended. It must be given.
	Durable string

	// Stream is the stream to read. Empty means the one that has Subjects.
	Stream string

	// Subjects select messages of the stream, wildcards allowed. None means all.
	// More than one need a server of version 2.10.
	Subjects []string

	// Exclusive has one of the subscribers of a name receive everything, and
	// another take over when that one is gone, so that there is order by key in
	// several processes too. It needs a server of version 2.11.
	Exclusive bool

	// Existing uses a consumer that somebody has made, as it is, and needs no
	// permission to make one. Otherwise it is made, or changed to these options.
	Existing bool

	// Key says which messages must be kept in order. Nil means those of the
	// same [broker.Message].Key. Those with an empty key are in order with none.
	Key func(*broker.Message) string

	// Workers is how many messages to handle at the same time. Zero means 8.
	Workers int

	// Window is how many messages may be received and not yet acknowledged, by
	// all subscribers of the name together. When keys that fail have filled it
	// nothing more arrives. Zero means 256.
	Window int

	// Attempts is how often to try a message before it is a dead letter. Zero is
	// no limit. Backoff is how long to wait after a failed attempt, counting
	// from 1. Nil doubles from 100 ms to 30 s.
	Attempts int
	Backoff  func(attempt int) time.Duration

	// AckWait is after how long without a word from its subscriber a message is
	// delivered to another. One that is being handled gives word. Zero means 30 s.
	AckWait time.Duration

	// Sink takes dead letters. If it is nil they are published to DeadSubject,
	// of which a stream must be. One of both must be given.
	Sink        broker.Sink
	DeadSubject string

	// JetStream are options of the client, such as a domain's prefix.
	JetStream []jetstream.JetStreamOpt
}

// A Subscriber implements [broker.Subscriber] with a durable pull consumer.
type Subscriber struct {
	o SubscriberOptions
}

// NewSubscriber makes a subscriber. It fails only when the options are wrong,
// with an [*InvalidError].
func NewSubscriber(o SubscriberOptions) (*Subscriber, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Key == nil {
		o.Key = func(m *broker.Message) string { return m.Key }
	}
	if o.Window == 0 {
		o.Window = 256
	}
	if o.AckWait == 0 {
		o.AckWait = 30 * time.Second
	}
	return &Subscriber{o: o}, nil
}

// check names the first option that cannot be.
func (o *SubscriberOptions) check() error {
	switch {
	case o.Durable == "" || strings.ContainsAny(o.Durable, ".*> /\\\t\r\n"):
		return &InvalidError{Field: "Durable", Reason: "must be a name without dots, wildcards, slashes and spaces"}
	case o.Stream == "" && len(o.Subjects) == 0:
		return &InvalidError{Field: "Stream", Reason: "or Subjects must be given"}
	case o.Sink == nil && o.DeadSubject == "":
		return &InvalidError{Field: "Sink", Reason: "or DeadSubject must be given, or what cannot be handled has nowhere to go"}
	case o.DeadSubject != "" && !publishable(o.DeadSubject):
		return &InvalidError{Field: "DeadSubject", Reason: "must be words with dots between, without spaces and wildcards"}
	case o.AckWait != 0 && o.AckWait < time.Second:
		return &InvalidError{Field: "AckWait", Reason: "must be at least a second"}
	}
	for field, n := range map[string]int{"Workers": o.Workers, "Window": o.Window, "Attempts": o.Attempts} {
		if n < 0 {
			return &InvalidError{Field: field, Reason: "must not be negative"}
		}
	}
	return nil
}

// Subscribe implements [broker.Subscriber]. It ends early when its stream or
// consumer is missing or not as the options say, when the server does not accept
// the credentials, and when a connection that was lent is closed.
func (s *Subscriber) Subscribe(ctx context.Context, handle func(context.Context, broker.Delivery) error) error {
	conn, err := s.o.dial()
	if err != nil {
		return err
	}
	defer conn.release()
	js, err := jetstream.New(conn.Conn, s.o.JetStream...)
	if err != nil {
		return &InvalidError{Field: "JetStream", Reason: err.Error()}
	}
	wait := lane.Backoff(100*time.Millisecond, 5*time.Second)
	for failures := 1; ; failures++ {
		x := &session{o: &s.o, conn: conn.Conn, js: js, handle: handle, held: map[uint64]*held{}}
		err := settled(ctx, conn)
		if err == nil {
			err = x.run(ctx)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err = final(conn, err); err != nil {
			return err
		}
		if x.received {
			failures = 1
		}
		pause(ctx, wait(failures))
	}
}

// settled waits until the connection is one, or it is known why it will not be.
func settled(ctx context.Context, conn *link) error {
	for !conn.IsConnected() && !conn.IsClosed() && ctx.Err() == nil && hintOf(conn.why()) == "" {
		pause(ctx, 20*time.Millisecond)
	}
	if !conn.IsConnected() {
		return errDisconnected
	}
	return nil
}

// pause waits, at most until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
