package log

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
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
	store  cairn.Appender
	o      PublisherOptions
	closed atomic.Bool
	mu     sync.RWMutex // held by who publishes, and in full by who closes
}

// NewPublisher makes a publisher. The store is lent.
func NewPublisher(store cairn.Appender, o PublisherOptions) *Publisher {
	return &Publisher{store: store, o: o}
}

// Publish implements broker.Publisher. Errors are a [*broker.PublishError].
func (p *Publisher) Publish(ctx context.Context, m broker.Message) error {
	if p.closed.Load() { // before the lock, for which Close may be waiting
		return broker.ErrClosed
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed.Load() {
		return broker.ErrClosed
	}
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
	p.closed.Store(true)
	done := make(chan struct{})
	go func() { // ends with the last call of Publish, which its caller owns
		p.mu.Lock()
		defer p.mu.Unlock()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
