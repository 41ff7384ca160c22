package workload

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cairndb/cairn/bench/internal/system"
)

// React is a group whose members share the work of handling the events that
// were loaded. It is measured from the first member's coming until everything
// is settled, that is written down, and the members have left.
type React struct {
	Members int
	Work    time.Duration // processor time that handling an event takes
}

// Name is group-MEMBERS or group-MEMBERS-WORK.
func (w React) Name() string {
	if w.Work > 0 {
		return fmt.Sprintf("group-%d-%v", w.Members, w.Work)
	}
	return fmt.Sprint("group-", w.Members)
}

func (React) reads() {}

// Measure has a new group handle everything in the loaded store.
func (w React) Measure(ctx context.Context, r *Run, spec system.Spec) (Metrics, error) {
	s, err := r.reopen(ctx, spec)
	if err != nil {
		return nil, err
	}
	reactor, ok := s.(system.Reactor)
	if !ok {
		return nil, errors.Join(ErrCannot, s.Close())
	}
	r.opened++
	metrics, err := w.react(ctx, s, reactor, fmt.Sprint("group", r.opened), int64(r.loaded(spec)))
	return metrics, errors.Join(err, s.Close())
}

func (w React) react(ctx context.Context, s system.System, reactor system.Reactor, name string, events int64) (Metrics, error) {
	var handled atomic.Int64
	before, err := readClock(ctx, s)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	err = reactor.React(ctx, system.Reaction{Group: name, Members: w.Members, Events: events, Handle: func([]byte) {
		for begin := time.Now(); time.Since(begin) < w.Work; {
		}
		handled.Add(1)
	}})
	if err != nil {
		return nil, err
	}
	elapsed := time.Since(begin)
	after, err := readClock(ctx, s)
	if err != nil {
		return nil, err
	}
	metrics := Metrics{EventsPerSecond: float64(events) / elapsed.Seconds()}
	metrics.cpu(before, after, float64(events))
	return metrics, settled(ctx, reactor, name, events, handled.Load())
}

// settled makes sure that everything was handled and is settled.
func settled(ctx context.Context, reactor system.Reactor, name string, events, handled int64) error {
	left, err := reactor.Left(ctx, name)
	if err == nil && (left > 0 || handled < events) {
		err = fmt.Errorf("of %d events %d were handled and %d are not settled", events, handled, left)
	}
	return err
}
