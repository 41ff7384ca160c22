package rabbitmq

import (
	"context"
	"fmt"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/calls"
)

// PublisherOptions are the settings of a [Publisher].
type PublisherOptions struct {
	Connection

	// Exchange is where all messages go. Empty is the default exchange, where the
	// topic is the name of a queue.
	Exchange string

	// Topic is the routing key of messages that have no topic.
	Topic string

	// InFlight is how many messages may wait for their confirmation. Zero means
	// 1,024.
	InFlight int

	// MaxSize is how many bytes of body the broker takes, which it does not tell:
	// a larger one would cost the connection. Zero means 16 MiB, the limit of
	// RabbitMQ 4.
	MaxSize int

	// Confirmed is how long a confirmation may take before the broker counts as
	// unavailable. Zero means 30 s.
	Confirmed time.Duration

	// Structured puts the whole event into the body, as JSON.
	Structured bool

	// Transient leaves it to the queue whether a message survives a restart of
	// the broker. Otherwise it does, if the queue does.
	Transient bool
}

// A Publisher implements [broker.Publisher] over one connection and one channel.
// It connects when there is something to publish.
type Publisher struct {
	o     PublisherOptions
	slots chan struct{}
	line  line

	calls calls.Calls
}

// NewPublisher makes a publisher. It does not connect, so it says nothing about
// the broker, only about options: an [*InvalidError] names what is wrong.
func NewPublisher(o PublisherOptions) (*Publisher, error) {
	var err error
	if o.Connection, err = o.Connection.withDefaults(); err != nil {
		return nil, err
	}
	for field, n := range map[string]int64{"InFlight": int64(o.InFlight), "MaxSize": int64(o.MaxSize), "Confirmed": int64(o.Confirmed)} {
		if n < 0 {
			return nil, &InvalidError{Field: field, Reason: "must not be negative"}
		}
	}
	for field, name := range map[string]string{"Exchange": o.Exchange, "Topic": o.Topic} {
		if len(name) > maxShort {
			return nil, &InvalidError{Field: field, Reason: fmt.Sprintf("must have at most %d bytes", maxShort)}
		}
	}
	if o.InFlight == 0 {
		o.InFlight = 1024
	}
	if o.MaxSize == 0 {
		o.MaxSize = 16 << 20
	}
	if o.Confirmed == 0 {
		o.Confirmed = 30 * time.Second
	}
	p := &Publisher{o: o, slots: make(chan struct{}, o.InFlight)}
	p.line = line{o: &p.o, turn: make(chan struct{}, 1)}
	return p, nil
}

// Publish implements [broker.Publisher]. Errors are a [*broker.PublishError].
func (p *Publisher) Publish(ctx context.Context, m broker.Message) error {
	if err := p.calls.Enter(); err != nil {
		return fail(&m, nil, err, "")
	}
	defer p.calls.Leave()
	if m.Topic == "" {
		m.Topic = p.o.Topic
	}
	out, err := p.o.encode(&m)
	if err != nil {
		return fail(&m, broker.ErrRejected, err, "")
	}
	if ctx.Err() != nil {
		return fail(&m, broker.ErrUnavailable, context.Cause(ctx), "")
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return fail(&m, broker.ErrUnavailable, context.Cause(ctx), "the broker does not confirm as fast as is published")
	}
	s, err := p.line.session(ctx)
	if err != nil {
		<-p.slots
		return fail(&m, broker.ErrUnavailable, err, hint(err))
	}
	return p.send(ctx, s, &m, out)
}

// send publishes and waits for the answer. A caller that does not wait leaves
// its place taken until the answer is there, so that places bound what the
// broker owes us.
func (p *Publisher) send(ctx context.Context, s *session, m *broker.Message, out amqp.Publishing) error {
	answer, err := s.publish(p.o.Exchange, m.Topic, out)
	if err != nil {
		<-p.slots
		return fail(m, broker.ErrUnavailable, err, hint(err))
	}
	settled := func() error {
		err := s.outcome(answer, m, &out)
		<-p.slots
		return err
	}
	late := time.NewTimer(p.o.Confirmed)
	defer late.Stop()
	select {
	case <-answer.Done():
		return settled()
	case <-late.C:
		s.fail(errLate)
		<-answer.Done()
		return settled()
	case <-ctx.Done():
		p.calls.Go(func() { <-answer.Done(); settled() })
		return fail(m, broker.ErrUnavailable, context.Cause(ctx), "")
	}
}

// Close implements [broker.Publisher].
func (p *Publisher) Close(ctx context.Context) error {
	_, err := p.calls.Close(ctx)
	p.line.close()
	_, _ = p.calls.Close(context.WithoutCancel(ctx)) // what was waited for in vain has failed with the line
	return err
}

func fail(m *broker.Message, kind, err error, hint string) error {
	return &broker.PublishError{Broker: "rabbitmq", Topic: m.Topic, ID: m.Event.ID(), Kind: kind, Err: err, Hint: hint}
}
