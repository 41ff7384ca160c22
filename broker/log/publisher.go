package log

import (
	"cmp"
	"context"
	"errors"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/calls"
)

// PublisherOptions are the settings of a Publisher. The zero value is right for
// most.
type PublisherOptions struct {
	// Topic is for messages that have none.
	Topic string
}

// A Publisher implements broker.Publisher. A message is published when it is
// stored.
type Publisher struct {
	store cairn.Appender
	o     PublisherOptions
	calls calls.Calls
}

// NewPublisher makes a publisher. The store is lent.
func NewPublisher(store cairn.Appender, o PublisherOptions) *Publisher {
	return &Publisher{store: store, o: o}
}

// Publish implements broker.Publisher. Errors are a [*broker.PublishError].
func (p *Publisher) Publish(ctx context.Context, m broker.Message) error {
	if err := p.calls.Enter(); err != nil {
		return err
	}
	defer p.calls.Leave()
	m.Topic = cmp.Or(m.Topic, p.o.Topic)
	e, err := encode(&m)
	if err == nil {
		_, err = p.store.Append(ctx, streamOf(&m), cairn.Any, e)
	}
	if err == nil {
		return nil
	}
	return &broker.PublishError{Broker: "log", Topic: m.Topic, ID: m.Event.ID(), Kind: kindOf(err), Err: err}
}

// kindOf says whose fault it is: that of the message, or the store's, which has
// any other message wait too. What the store never says is left out: an append
// that expects nothing has no conflict.
func kindOf(err error) error {
	if errors.Is(err, broker.ErrRejected) || errors.Is(err, cairn.ErrInvalid) || errors.Is(err, cairn.ErrStreamDeleted) {
		return broker.ErrRejected
	}
	return broker.ErrUnavailable
}

// Close implements broker.Publisher. The store stays open.
func (p *Publisher) Close(ctx context.Context) error {
	_, err := p.calls.Close(ctx)
	return err
}
