package webhook

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/calls"
)

// A Publisher implements [broker.Publisher] for one destination.
type Publisher struct {
	o       PublisherOptions
	url     *url.URL
	secrets []*standardwebhooks.Webhook
	client  *http.Client
	circuit *gobreaker.CircuitBreaker[struct{}]
	slots   chan struct{}
	gone    atomic.Bool
	wait    atomic.Int64 // until when the destination wants to be left alone, in ns since 1970

	calls calls.Calls
}

// NewPublisher makes a publisher. It sends nothing. An [*InvalidError] names the
// option that is wrong.
func NewPublisher(o PublisherOptions) (*Publisher, error) {
	o, u, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	p := &Publisher{o: o, url: u, slots: make(chan struct{}, o.Concurrent)}
	if p.secrets, err = secrets(o.Secrets); err != nil {
		return nil, err
	}
	p.client = client(&o)
	p.circuit = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		Timeout:      o.Pause,
		ReadyToTrip:  func(c gobreaker.Counts) bool { return int64(c.ConsecutiveFailures) >= int64(o.Failures) },
		IsSuccessful: func(err error) bool { return err == nil || errors.Is(err, broker.ErrRejected) },
		IsExcluded:   func(err error) bool { return errors.Is(err, errCaller) },
		OnStateChange: func(_ string, _, to gobreaker.State) {
			if to != gobreaker.StateHalfOpen { // which is open but for one request
				o.OnCircuit(to == gobreaker.StateOpen)
			}
		},
	})
	return p, nil
}

// client makes one that goes nowhere but to the destination: it follows no
// redirects, and takes no proxy from the environment, which would resolve names
// behind the guard's back.
func client(o *PublisherOptions) *http.Client {
	d := &net.Dialer{Timeout: o.Timeout}
	if !o.AllowPrivate {
		d.Control = guard
	}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            d.DialContext,
			TLSClientConfig:        o.TLS,
			TLSHandshakeTimeout:    o.Timeout,
			ForceAttemptHTTP2:      true,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    o.Concurrent,
			IdleConnTimeout:        time.Minute,
		},
	}
}

// Publish implements [broker.Publisher]: it returns nil when the destination has
// answered that it has the message. Errors are a [*broker.PublishError].
func (p *Publisher) Publish(ctx context.Context, m broker.Message) error {
	if err := p.calls.Enter(); err != nil {
		return fail(&m, nil, err, "")
	}
	defer p.calls.Leave()
	limited, cancel := context.WithTimeoutCause(ctx, p.o.Timeout, errTimeout)
	defer cancel()
	r, err := p.request(limited, &m)
	if err != nil {
		return fail(&m, broker.ErrRejected, err, "")
	}
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
	}
	if ctx.Err() != nil {
		return fail(&m, broker.ErrUnavailable, context.Cause(ctx), "")
	}
	if err := p.standing(&m); err != nil {
		return err
	}
	_, err = p.circuit.Execute(func() (struct{}, error) { return struct{}{}, p.post(ctx, r, &m) })
	if errors.Is(err, gobreaker.ErrOpenState) || errors.Is(err, gobreaker.ErrTooManyRequests) {
		return fail(&m, broker.ErrUnavailable, err, "the destination has failed too often, and is tried again now and then")
	}
	return err
}

// standing is what the destination has said before, and still holds.
func (p *Publisher) standing(m *broker.Message) error {
	if p.gone.Load() {
		return fail(m, broker.ErrRejected, errGone, hintGone)
	}
	if wait := time.Until(time.Unix(0, p.wait.Load())); wait > 0 {
		return fail(m, broker.ErrUnavailable, errLater, "it is left alone for another "+wait.Round(time.Second).String())
	}
	return nil
}

// Close implements [broker.Publisher].
func (p *Publisher) Close(ctx context.Context) error {
	defer p.client.CloseIdleConnections()
	_, err := p.calls.Close(ctx)
	return err
}

func fail(m *broker.Message, kind, err error, hint string) error {
	return &broker.PublishError{Broker: "webhook", Topic: m.Topic, ID: m.Event.ID(), Kind: kind, Err: err, Hint: hint}
}
