package workload

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
)

// ReadStreams reads whole streams of 100 events in random order, warm: what it
// reads was read once unmeasured. A system that cannot read them all within the
// time of a measurement is measured by those it has read.
type ReadStreams struct{ Streams int }

// Name is read-streams.
func (ReadStreams) Name() string { return "read-streams" }

func (ReadStreams) reads() {}

// Measure reads the loaded store.
func (w ReadStreams) Measure(ctx context.Context, r *Run, spec system.Spec) (Metrics, error) {
	s, err := r.reopen(ctx, spec)
	if err != nil {
		return nil, err
	}
	streams, ok := s.(system.StreamReader)
	if !ok {
		return nil, errors.Join(ErrCannot, s.Close())
	}
	order := rand.New(rand.NewPCG(3, 4)).Perm(r.streams())
	order = order[:min(w.Streams, len(order))]
	n, _, err := readStreams(ctx, streams, order, r.Duration)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	metrics, err := timeStreams(ctx, s, streams, order[:n], r.Duration)
	return metrics, errors.Join(err, s.Close())
}

// readStreams reads until the time is over, and says how many it has read.
func readStreams(ctx context.Context, s system.StreamReader, order []int, d time.Duration) (int, *measure.Histogram, error) {
	latency, begin := new(measure.Histogram), time.Now()
	for n, i := range order {
		at := time.Now()
		if n > 0 && at.Sub(begin) > d {
			return n, latency, nil
		}
		name := streamName(i)
		if err := exactly(streamLength, func() (system.Tally, error) { return s.ReadStream(ctx, name) }); err != nil {
			return n, latency, err
		}
		latency.Add(time.Since(at))
	}
	return len(order), latency, nil
}

func timeStreams(ctx context.Context, s system.System, streams system.StreamReader, order []int, d time.Duration) (Metrics, error) {
	before, err := readClock(ctx, s)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	n, latency, err := readStreams(ctx, streams, order, d)
	if err != nil {
		return nil, err
	}
	elapsed := time.Since(begin)
	after, err := readClock(ctx, s)
	events := float64(n * streamLength)
	metrics := Metrics{
		EventsPerSecond: events / elapsed.Seconds(),
		P50:             microseconds(latency.Quantile(0.50)),
		P99:             microseconds(latency.Quantile(0.99)),
		Streams:         float64(n),
	}
	metrics.cpu(before, after, events)
	return metrics, err
}
