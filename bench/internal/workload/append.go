package workload

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
)

// Append is durable appending: each writer appends to a stream of its own,
// expecting the revision it has reached, and waits for the answer.
type Append struct {
	Writers int
	Batch   int // events in each append
}

// Name is append-WRITERS or batch-WRITERSxEVENTS.
func (a Append) Name() string {
	if a.Batch > 1 {
		return fmt.Sprintf("batch-%dx%d", a.Writers, a.Batch)
	}
	return fmt.Sprintf("append-%d", a.Writers)
}

// Measure appends to a new store, closes it, and counts what it holds then.
func (a Append) Measure(ctx context.Context, r *Run, spec system.Spec) (Metrics, error) {
	s, dir, err := r.open(ctx, spec, a.Writers)
	if err != nil {
		return nil, err
	}
	meter, err := startMeter(ctx, s, dir)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	warm, err := a.drive(ctx, s, "warm", r.Warmup)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	timed, err := a.drive(ctx, s, "order", r.Duration)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	stored := warm.events + timed.events
	metrics, err := meter.stop(ctx, s, stored) // closes it
	if err != nil {
		return nil, err
	}
	metrics[EventsPerSecond] = float64(timed.events) / timed.elapsed.Seconds()
	metrics[P50], metrics[P99] = microseconds(timed.latency.Quantile(0.50)), microseconds(timed.latency.Quantile(0.99))
	if spec.Hollow {
		return metrics, nil
	}
	return metrics, r.recount(ctx, spec, dir, stored)
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// A driven is what writers have achieved.
type driven struct {
	events  int64 // acknowledged
	elapsed time.Duration
	latency measure.Histogram
}

// drive lets the writers append for a while; each finishes what it has begun.
func (a Append) drive(ctx context.Context, s system.System, prefix string, d time.Duration) (*driven, error) {
	all, each := new(driven), make([]driven, a.Writers)
	group, ctx := errgroup.WithContext(ctx)
	begin := time.Now()
	for w := range each {
		group.Go(func() error { return a.write(ctx, s, fmt.Sprint(prefix, "-", w), w, begin.Add(d), &each[w]) })
	}
	err := group.Wait()
	all.elapsed = time.Since(begin)
	for w := range each {
		all.events += each[w].events
		all.latency.Merge(&each[w].latency)
	}
	return all, err
}

// write is one writer.
func (a Append) write(ctx context.Context, s system.System, stream string, seed int, until time.Time, d *driven) error {
	g, events, at := newGenerator(seed), make([]cairn.Event, a.Batch), cairn.NoStream
	for ctx.Err() == nil {
		g.fill(events)
		begin := time.Now()
		if begin.After(until) {
			return nil
		}
		if err := s.Append(ctx, stream, at, events); err != nil {
			return err
		}
		d.latency.Add(time.Since(begin))
		d.events += int64(len(events))
		at += cairn.Revision(len(events))
	}
	return context.Cause(ctx)
}

// recount opens a store again and compares what it holds with what it has
// acknowledged.
func (r *Run) recount(ctx context.Context, spec system.Spec, dir string, acknowledged int64) error {
	s, err := spec.Open(ctx, system.Options{Dir: dir, Writers: 1})
	if err != nil {
		return err
	}
	got, err := s.ReadAll(ctx)
	want := system.Tally{Events: acknowledged, Bytes: acknowledged * PayloadSize}
	if err == nil && got != want {
		err = fmt.Errorf("holds %+v, has acknowledged %+v", got, want)
	}
	return errors.Join(err, s.Close())
}

// checked makes sure that a system refuses an append that expects the wrong
// revision.
func checked(ctx context.Context, s system.System, spec system.Spec) error {
	g, events := newGenerator(0), make([]cairn.Event, 1)
	for _, wantConflict := range []bool{false, true} {
		g.fill(events)
		err := s.Append(ctx, "probe", cairn.NoStream, events)
		if errors.Is(err, cairn.ErrConflict) != (wantConflict && !spec.Unchecked && !spec.Hollow) {
			return fmt.Errorf("an append to a stream that must not exist: %v", err)
		}
		if err != nil && !wantConflict {
			return err
		}
	}
	return nil
}
