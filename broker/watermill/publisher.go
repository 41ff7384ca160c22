package watermill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"syscall"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/cairndb/cairn/broker"
)

// The metadata that are not attributes, whose names no attribute can have.
const (
	contentType = "content-type"
	keyName     = "cairn-key"
)

// DefaultPrefix is what the names of attributes begin with: that of the Kafka
// binding of CloudEvents, which watermill's publisher for Kafka makes headers of.
const DefaultPrefix = "ce_"

// PublisherOptions are the settings of a [Publisher].
type PublisherOptions struct {
	// Topic is where messages go that have no topic.
	Topic string

	// Prefix begins the names of attributes. Empty means [DefaultPrefix].
	Prefix string

	// Structured puts the whole event into the payload, as JSON.
	Structured bool

	// MaxSize is how many bytes of payload a message may have. Zero is no
	// limit: the other side will say.
	MaxSize int

	// Classify, if not nil, says whether an error of the other side matches
	// broker.ErrUnavailable or broker.ErrRejected, or returns nil.
	Classify func(error) error
}

// A Publisher implements [broker.Publisher] with a publisher of watermill.
type Publisher struct {
	o  PublisherOptions
	to message.Publisher

	mu     sync.Mutex
	closed bool
	calls  sync.WaitGroup
}

// NewPublisher makes a publisher that hands messages to another, and closes it
// when it is closed.
func NewPublisher(to message.Publisher, o PublisherOptions) *Publisher {
	if o.Prefix == "" {
		o.Prefix = DefaultPrefix
	}
	if o.Classify == nil {
		o.Classify = func(error) error { return nil }
	}
	return &Publisher{o: o, to: to}
}

var (
	errNoTopic = errors.New("it has no topic")
	errPanic   = errors.New("the publisher of watermill panicked")
)

// Publish implements [broker.Publisher]. Errors are a [*broker.PublishError].
func (p *Publisher) Publish(ctx context.Context, m broker.Message) error {
	if !p.enter() {
		return broker.ErrClosed
	}
	defer p.calls.Done()
	if m.Topic == "" {
		m.Topic = p.o.Topic
	}
	out, err := p.o.encode(&m)
	if err != nil {
		return fail(&m, broker.ErrRejected, err)
	}
	if ctx.Err() != nil {
		return fail(&m, broker.ErrUnavailable, context.Cause(ctx))
	}
	out.SetContext(ctx)
	if err := p.hand(m.Topic, out); err != nil {
		return fail(&m, p.o.kind(ctx, err), err)
	}
	return nil
}

// hand calls the other side, which may be anybody's.
func (p *Publisher) hand(topic string, m *message.Message) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%w: %v", errPanic, v)
		}
	}()
	return p.to.Publish(topic, m)
}

// kind says what an error means.
func (o *PublisherOptions) kind(ctx context.Context, err error) error {
	known := o.Classify(err)
	for _, kind := range []error{broker.ErrRejected, broker.ErrUnavailable} {
		if errors.Is(known, kind) || errors.Is(err, kind) {
			return kind
		}
	}
	_, network := errors.AsType[net.Error](err)
	if network || ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.EOF) ||
		errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) {
		return broker.ErrUnavailable
	}
	return nil
}

// encode makes what is handed over. Its errors are about the message.
func (o *PublisherOptions) encode(m *broker.Message) (*message.Message, error) {
	if m.Topic == "" {
		return nil, errNoTopic
	}
	out := message.NewMessage(m.Event.ID(), m.Event.Data())
	set := out.Metadata.Set
	if o.Structured {
		set = func(string, string) {}
	}
	if err := broker.Headers(o.Prefix, &m.Event, set); err != nil {
		return nil, err
	}
	typ := m.Event.DataContentType()
	if o.Structured {
		body, err := json.Marshal(m.Event)
		if err != nil {
			return nil, err
		}
		typ, out.Payload = broker.Structured, body
	}
	if typ != "" {
		out.Metadata.Set(contentType, typ)
	}
	if m.Key != "" {
		out.Metadata.Set(keyName, m.Key)
	}
	if o.MaxSize > 0 && len(out.Payload) > o.MaxSize {
		return nil, fmt.Errorf("it has %d bytes, and at most %d are allowed", len(out.Payload), o.MaxSize)
	}
	return out, nil
}

func (p *Publisher) enter() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.closed {
		p.calls.Add(1)
	}
	return !p.closed
}

// Close implements [broker.Publisher]. It closes the other side too, when nothing
// is being published any more; if ctx ends before, that is left to the last call.
func (p *Publisher) Close(ctx context.Context) error {
	p.mu.Lock()
	first := !p.closed
	p.closed = true
	p.mu.Unlock()
	done := make(chan error, 1)
	go func() { // ends with the last call of Publish, which its caller owns
		p.calls.Wait()
		if first {
			done <- p.to.Close()
			return
		}
		done <- nil
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func fail(m *broker.Message, kind, err error) error {
	return &broker.PublishError{Broker: "watermill", Topic: m.Topic, ID: m.Event.ID(), Kind: kind, Err: err}
}
