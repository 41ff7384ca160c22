package mqtt

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/calls"
)

// PublisherOptions are the settings of a [Publisher].
type PublisherOptions struct {
	Connection

	// ClientID is what the broker knows the publisher by. Empty lets the broker
	// choose. Two connections with one ID end each other.
	ClientID string

	// Topic is where messages go that have no topic.
	Topic string

	// Expiry is how long the broker keeps a message for who is not there; in
	// whole seconds, rounded up. Zero is for as long as it likes.
	Expiry time.Duration

	// Structured puts the whole event into the payload, as JSON.
	Structured bool

	// OnUnmatched, if not nil, is told of messages that the broker has
	// acknowledged, and says that nobody has subscribed to. They are published
	// as far as MQTT goes, and gone. It must be quick.
	OnUnmatched func(m broker.Message)
}

// A Publisher implements [broker.Publisher]. Its connection is made, and made
// again, in the background until it is closed.
type Publisher struct {
	o       PublisherOptions
	link    *link
	largest atomic.Int64 // packet that was acknowledged

	calls calls.Calls
}

// NewPublisher makes a publisher and begins to connect, which the first messages
// wait for. An [*InvalidError] names the option that is wrong. It must be closed.
func NewPublisher(o PublisherOptions) (*Publisher, error) {
	var err error
	if o.Connection, err = o.Connection.withDefaults(); err != nil {
		return nil, err
	}
	if o.Expiry < 0 {
		return nil, invalid("Expiry", "must not be negative")
	}
	if o.OnUnmatched == nil {
		o.OnUnmatched = func(broker.Message) {}
	}
	p := &Publisher{o: o}
	p.link = newLink(&p.o.Connection)
	c := p.o.config(p.link)
	c.ClientID = o.ClientID
	// Without a session nothing is sent again behind the caller's back, who has
	// been told that it may not have been published.
	c.ConnectPacketBuilder = func(cp *paho.Connect, _ *url.URL) (*paho.Connect, error) {
		cp.CleanStart = true
		cp.Properties = &paho.ConnectProperties{RequestProblemInfo: true}
		return cp, nil
	}
	p.link.manager, err = autopaho.NewConnection(context.Background(), c)
	return p, err
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
	s, err := p.link.connected(ctx)
	if err != nil {
		return fail(&m, broker.ErrUnavailable, err, hint(err))
	}
	n := size(out)
	if s.maxPacket > 0 && n > int64(s.maxPacket) {
		return fail(&m, broker.ErrRejected, fmt.Errorf("it has %d bytes, and the broker takes at most %d", n, s.maxPacket), "")
	}
	return p.send(ctx, &s, &m, out, n)
}

// send publishes and says what the answer means. It does not wait for one longer
// than the connection lives: the client would, if that is lost while it is asked.
func (p *Publisher) send(ctx context.Context, s *state, m *broker.Message, out *paho.Publish, n int64) error {
	waiting, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.life, cancel)()
	answer, err := p.link.manager.Publish(waiting, out)
	switch {
	case answer != nil && answer.ReasonCode >= 0x80:
		e := &ReasonError{Code: answer.ReasonCode}
		if answer.Properties != nil {
			e.Text = answer.Properties.ReasonString
		}
		r := reasons[e.Code]
		return fail(m, r.kind, e, r.hint)
	case err == nil:
		p.confirmed(m, answer, n)
		return nil
	case ctx.Err() != nil:
		return fail(m, broker.ErrUnavailable, context.Cause(ctx), "")
	case errors.Is(err, context.DeadlineExceeded):
		// The client keeps the message's place among those that may be under way
		// for as long as the connection lasts, so that does not last any longer.
		// The method's name says what it was made for; it hangs up.
		p.link.manager.TerminateConnectionForTest()
		return fail(m, broker.ErrUnavailable, errLate, "")
	case errors.Is(err, paho.ErrInvalidArguments):
		return fail(m, broker.ErrUnavailable, err, "the broker must take QoS 1")
	}
	return p.lost(ctx, s, m, n)
}

var errLate = errors.New("the broker does not acknowledge in time")

func (p *Publisher) confirmed(m *broker.Message, answer *paho.PublishResponse, n int64) {
	for {
		largest := p.largest.Load()
		if n <= largest || p.largest.CompareAndSwap(largest, n) {
			break
		}
	}
	if answer.ReasonCode == noSubscribers {
		p.o.OnUnmatched(*m)
	}
}

// lost says what it means that the connection was lost before the answer. If the
// broker has hung up over a packet that is too large, it was one that is larger
// than any it has ever taken.
func (p *Publisher) lost(ctx context.Context, s *state, m *broker.Message, n int64) error {
	err := s.why(ctx)
	if code, r := reasonOf(err); code == tooLarge && n > p.largest.Load() {
		return fail(m, broker.ErrRejected, err, r.hint)
	}
	return fail(m, broker.ErrUnavailable, err, hint(err))
}

// Close implements [broker.Publisher].
func (p *Publisher) Close(ctx context.Context) error {
	_, err := p.calls.Close(ctx)
	p.link.end(broker.ErrClosed)
	if e := p.link.manager.Disconnect(ctx); err == nil {
		err = e
	}
	_, _ = p.calls.Close(context.WithoutCancel(ctx)) // what was waited for in vain has failed with the connection
	return err
}

func fail(m *broker.Message, kind, err error, hint string) error {
	return &broker.PublishError{Broker: "mqtt", Topic: m.Topic, ID: m.Event.ID(), Kind: kind, Err: err, Hint: hint}
}
