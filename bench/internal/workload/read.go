package workload

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cairndb/cairn/bench/internal/system"
)

// ReadAll reads every event in order, warm: once unmeasured, then again and
// again for as long as a measurement takes.
type ReadAll struct{}

// Name is read-all.
func (ReadAll) Name() string { return "read-all" }

func (ReadAll) reads() {}

// Measure reads the loaded store.
func (ReadAll) Measure(ctx context.Context, r *Run, spec system.Spec) (Metrics, error) {
	s, err := r.reopen(ctx, spec)
	if err != nil {
		return nil, err
	}
	metrics, err := r.passes(ctx, s, int64(r.events()), func() (system.Tally, error) { return s.ReadAll(ctx) })
	return metrics, errors.Join(err, s.Close())
}

// Filtered reads the events of the rare type, 1 in 10,000, through an index.
type Filtered struct{}

// Name is filtered.
func (Filtered) Name() string { return "filtered" }

func (Filtered) reads() {}

// Measure reads the loaded store.
func (Filtered) Measure(ctx context.Context, r *Run, spec system.Spec) (Metrics, error) {
	s, err := r.reopen(ctx, spec)
	if err != nil {
		return nil, err
	}
	typed, ok := s.(system.TypeReader)
	if !ok {
		return nil, errors.Join(ErrCannot, s.Close())
	}
	want := int64(rareEvents(r.events()))
	metrics, err := r.passes(ctx, s, want, func() (system.Tally, error) { return typed.ReadType(ctx, rareType) })
	if err == nil {
		metrics[Matches] = float64(want)
	}
	return metrics, errors.Join(err, s.Close())
}

// passes repeats a read, which must see exactly so many events, and takes the
// mean after a first pass that warms up.
func (r *Run) passes(ctx context.Context, s system.System, want int64, pass func() (system.Tally, error)) (Metrics, error) {
	if err := exactly(want, pass); err != nil {
		return nil, err
	}
	before, err := readClock(ctx, s)
	if err != nil {
		return nil, err
	}
	begin, passes := time.Now(), 0.0
	for passes == 0 || time.Since(begin) < r.Duration {
		if err := exactly(want, pass); err != nil {
			return nil, err
		}
		passes++
	}
	elapsed := time.Since(begin)
	after, err := readClock(ctx, s)
	events := passes * float64(max(want, 1))
	metrics := Metrics{EventsPerSecond: events / elapsed.Seconds(), Seconds: elapsed.Seconds() / passes}
	metrics.cpu(before, after, events)
	return metrics, err
}

func exactly(want int64, pass func() (system.Tally, error)) error {
	got, err := pass()
	if err == nil && (got.Events != want || got.Bytes != want*PayloadSize) {
		err = fmt.Errorf("read %+v, want %d events", got, want)
	}
	return err
}
