package nats

import (
	"context"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/calls"
)

// PublisherOptions are the settings of a [Publisher].
type PublisherOptions struct {
	Connection

	// Subject is for messages that have no topic.
	Subject string

	// Stream is the stream that is expected to take every message. Empty means
	// whichever has the subject.
	Stream string

	// InFlight is how many messages may wait for their confirmation. Zero means
	// 1,024.
	InFlight int

	// Timeout is how long a confirmation may take before the server counts as
	// unavailable. Zero means 5 s.
	Timeout time.Duration

	// JetStream are options of the client, such as a domain's prefix.
	JetStream []jetstream.JetStreamOpt
}

// A Publisher implements [broker.Publisher]. A message is published when its
// stream has stored it.
type Publisher struct {
	o     PublisherOptions
	conn  *link
	js    jetstream.JetStream
	slots chan struct{}
	calls calls.Calls
}

// NewPublisher makes a publisher and tries to connect. It fails only when the
// options are wrong, with an [*InvalidError]: a server that cannot be reached
// now is tried again in the background.
func NewPublisher(o PublisherOptions) (*Publisher, error) {
	switch {
	case o.Subject != "" && !publishable(o.Subject):
		return nil, &InvalidError{Field: "Subject", Reason: "must be words with dots between, without spaces and wildcards"}
	case o.InFlight < 0:
		return nil, &InvalidError{Field: "InFlight", Reason: "must not be negative"}
	case o.Timeout < 0:
		return nil, &InvalidError{Field: "Timeout", Reason: "must not be negative"}
	}
	if o.InFlight == 0 {
		o.InFlight = 1024
	}
	if o.Timeout == 0 {
		o.Timeout = 5 * time.Second
	}
	conn, err := o.dial()
	if err != nil {
		return nil, err
	}
	p := &Publisher{o: o, conn: conn, slots: make(chan struct{}, o.InFlight)}
	if p.js, err = jetstream.New(conn.Conn, append([]jetstream.JetStreamOpt{
		jetstream.WithPublishAsyncMaxPending(o.InFlight), jetstream.WithPublishAsyncTimeout(o.Timeout),
	}, o.JetStream...)...); err != nil {
		conn.release()
		return nil, &InvalidError{Field: "JetStream", Reason: err.Error()}
	}
	return p, nil
}

// Publish implements [broker.Publisher]. Errors are a [*broker.PublishError].
func (p *Publisher) Publish(ctx context.Context, m broker.Message) error {
	if err := p.calls.Enter(); err != nil {
		return failed(&m, nil, err, "")
	}
	defer p.calls.Leave()
	if m.Topic == "" {
		m.Topic = p.o.Subject
	}
	if !publishable(m.Topic) {
		return failed(&m, broker.ErrRejected, errSubject, "subjects are words with dots between, without spaces and wildcards")
	}
	out, err := encode(&m)
	if err != nil {
		return failed(&m, broker.ErrRejected, err, "")
	}
	if p.o.Stream != "" {
		out.Header[jetstream.ExpectedStreamHeader] = []string{p.o.Stream}
	}
	if err := p.send(ctx, out); err != nil {
		return p.explain(ctx, &m, err)
	}
	return nil
}

// send publishes and waits for the confirmation. While there is no connection
// nothing is sent: the client would keep it, and send it when nobody waits for
// it any more.
func (p *Publisher) send(ctx context.Context, out *client.Msg) error {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if !p.conn.IsConnected() {
		return errDisconnected
	}
	future, err := p.js.PublishMsgAsync(out)
	if err != nil {
		return err
	}
	select {
	case <-future.Ok():
		return nil
	case err := <-future.Err():
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Close implements [broker.Publisher]. A connection that was lent stays open.
func (p *Publisher) Close(ctx context.Context) error {
	first, err := p.calls.Close(ctx)
	if first {
		p.js.CleanupPublisher()
		p.conn.release()
	}
	return err
}
