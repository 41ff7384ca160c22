package workload

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/relay"
	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/broker"
)

// Relay is a relay that tells a broker of every event, against the broker's own
// client, which publishes the same messages. The relay is measured until its
// progress is written down, the client until everything is confirmed.
type Relay struct {
	Broker   string
	Messages int
	Keys     int
}

// Name is relay-BROKER.
func (w Relay) Name() string { return "relay-" + w.Broker }

// relayWorkers is how many messages a relay publishes at a time unless it is
// told otherwise.
const relayWorkers = 256

// Measure lets the relay and the client take turns: relay, client, client, relay.
func (w Relay) Measure(ctx context.Context, r *Run, spec system.Spec) (m Metrics, err error) {
	if spec.Name != "cairn" {
		return nil, ErrCannot
	}
	s, dir, err := r.open(ctx, spec, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.(system.Loader).Load(ctx, interleaved(w.Keys, w.Messages)); err != nil {
		return nil, err
	}
	b, err := relay.Kinds[w.Broker](filepath.Join(dir, w.Broker))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	return w.compare(ctx, s.(system.Owner).Cairn(), b)
}

func (w Relay) compare(ctx context.Context, store cairn.Store, b relay.Broker) (Metrics, error) {
	for _, topic := range []string{"relay1", "bare1", "bare2", "relay2"} {
		if err := b.Topic(ctx, topic); err != nil {
			return nil, err
		}
	}
	first, err := w.relay(ctx, store, b, "relay1")
	if err != nil {
		return nil, err
	}
	copies, err := b.Read(ctx, "relay1", w.Messages)
	if err != nil {
		return nil, err
	}
	bare := time.Now()
	for _, topic := range []string{"bare1", "bare2"} {
		if err := copies.Publish(ctx, topic, relayWorkers); err != nil {
			return nil, err
		}
	}
	alone := time.Since(bare)
	second, err := w.relay(ctx, store, b, "relay2")
	n := float64(2 * w.Messages)
	return Metrics{EventsPerSecond: n / (first + second).Seconds(), EventsAlone: n / alone.Seconds()}, err
}

// told is the integration event that an event is told in.
type told struct{ Text string }

var errTold = errors.New("workload: everything is told")

// relay runs a relay from the beginning of the log to its end.
func (w Relay) relay(ctx context.Context, store cairn.Store, b relay.Broker, topic string) (time.Duration, error) {
	kind := broker.EventType[told]{Name: "com.example.told.v1", Topic: topic}
	contract, err := broker.NewContract("https://example.com/bench", kind)
	if err != nil {
		return 0, err
	}
	publisher, err := b.Publisher()
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var settled atomic.Int64
	o := broker.RelayOptions{Contract: contract, Publisher: publisher, Mapping: func(e cairn.Recorded) ([]broker.Draft, error) {
		return []broker.Draft{kind.Draft(told{string(e.Data)})}, nil
	}}
	o.Group.OnSettled = func(*cairn.Recorded, int) {
		if settled.Add(1) == int64(w.Messages) {
			cancel(errTold)
		}
	}
	o.OnFailed = func(_ *cairn.Recorded, _ int, _ bool, err error) { cancel(fmt.Errorf("publishing: %w", err)) }
	begin := time.Now()
	err = broker.Relay(ctx, store, topic, o)
	elapsed := time.Since(begin)
	if errors.Is(err, errTold) {
		err = nil
	}
	return elapsed, errors.Join(err, publisher.Close(context.WithoutCancel(ctx)))
}
