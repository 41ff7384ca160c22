package kafka

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/calls"
)

// PublisherOptions are the settings of a [Publisher].
type PublisherOptions struct {
	Connection

	// Topic is for messages that have none.
	Topic string

	// InFlight is how many messages may wait for their confirmation. Zero means
	// 10,000.
	InFlight int

	// Timeout is how long a confirmation may take before the cluster counts as
	// unavailable. Zero means 10 s.
	Timeout time.Duration

	// Linger is how long to wait for more messages to send with one. Zero is not
	// at all: what comes while others are under way is sent together anyway.
	Linger time.Duration

	// CreateTopics has topics created that are not there, if the cluster does
	// that. Otherwise their messages are rejected.
	CreateTopics bool
}

// A Publisher implements [broker.Publisher] with an idempotent producer.
type Publisher struct {
	o     PublisherOptions
	cl    *kgo.Client
	calls calls.Calls
	doubt doubt
}

// NewPublisher makes a publisher. It does not connect, and fails only when the
// options are wrong, with an [*InvalidError].
func NewPublisher(o PublisherOptions) (*Publisher, error) {
	switch {
	case o.Topic != "" && !publishable(o.Topic):
		return nil, &InvalidError{Field: "Topic", Reason: "must have at most 249 letters, digits, dots, underscores and hyphens"}
	case o.InFlight < 0:
		return nil, &InvalidError{Field: "InFlight", Reason: "must not be negative"}
	case o.Timeout != 0 && o.Timeout < time.Second:
		return nil, &InvalidError{Field: "Timeout", Reason: "must be at least a second"}
	case o.Linger < 0:
		return nil, &InvalidError{Field: "Linger", Reason: "must not be negative"}
	}
	if o.InFlight == 0 {
		o.InFlight = 10_000
	}
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	cl, err := o.client(o.producing()...)
	if err != nil {
		return nil, err
	}
	return &Publisher{o: o, cl: cl}, nil
}

// producing are the client's options. Those that make it safe are its defaults,
// and are said here because everything depends on them.
func (o *PublisherOptions) producing() []kgo.Opt {
	all := []kgo.Opt{
		kgo.RequiredAcks(kgo.AllISRAcks()), kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)),
		kgo.MaxBufferedRecords(o.InFlight), kgo.RecordDeliveryTimeout(o.Timeout), kgo.ProducerLinger(o.Linger),
	}
	if o.CreateTopics {
		all = append(all, kgo.AllowAutoTopicCreation())
	}
	return all
}

// errLate is why a message is given up that the cluster has not confirmed.
var errLate = errors.New("the cluster has not confirmed the message in time")

// Publish implements [broker.Publisher]. Errors are a [*broker.PublishError].
func (p *Publisher) Publish(ctx context.Context, m broker.Message) error {
	if err := p.calls.Enter(); err != nil {
		return failed(&m, nil, err, "")
	}
	defer p.calls.Leave()
	if m.Topic == "" {
		m.Topic = p.o.Topic
	}
	if !publishable(m.Topic) {
		return failed(&m, broker.ErrRejected, errTopic, "topics have at most 249 letters, digits, dots, underscores and hyphens")
	}
	r, err := encode(&m)
	if err != nil {
		return failed(&m, broker.ErrRejected, err, "")
	}
	err = p.send(ctx, r)
	if errors.Is(err, errLate) || errors.Is(err, kgo.ErrRecordTimeout) {
		err = errors.Join(err, p.doubt.ask(p.cl))
	}
	return explain(&m, err)
}

// send waits for a place, for the record to be on its way, and for what comes of
// it.
func (p *Publisher) send(ctx context.Context, r *kgo.Record) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	done := make(chan error, 1)
	p.cl.Produce(ctx, r, func(_ *kgo.Record, err error) { done <- err })
	late := time.NewTimer(p.o.Timeout + p.o.Timeout/4) // the client knows better what was wrong
	defer late.Stop()
	select {
	case err := <-done:
		return err
	case <-late.C:
		return errLate
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Close implements [broker.Publisher].
func (p *Publisher) Close(ctx context.Context) error {
	first, err := p.calls.Close(ctx)
	if first {
		p.cl.Close()
	}
	return err
}
