package workload

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
)

// ReadStreams reads whole streams of 100 events in random order, warm: what it
// reads was read once unmeasured. A system that cannot read them all within the
// time of a measurement is measured by those it has read.
type ReadStreams struct {
	Streams int
	Readers int // at once; zero is one
}

// Name is read-streams, or read-streams-READERS.
func (w ReadStreams) Name() string {
	if w.Readers > 1 {
		return fmt.Sprint("read-streams-", w.Readers)
	}
	return "read-streams"
}

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
	n, _, err := w.share(ctx, streams, order, r.Duration)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	metrics, err := w.time(ctx, s, streams, order[:n], r.Duration)
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

// share divides the streams among the readers, and says how many they have read.
func (w ReadStreams) share(ctx context.Context, s system.StreamReader, order []int, d time.Duration) (int, *measure.Histogram, error) {
	readers := max(w.Readers, 1)
	group, ctx := errgroup.WithContext(ctx)
	var mu sync.Mutex
	total, all := 0, new(measure.Histogram)
	for own := range slices.Chunk(order, (len(order)+readers-1)/readers) {
		group.Go(func() error {
			n, latency, err := readStreams(ctx, s, own, d)
			mu.Lock()
			defer mu.Unlock()
			total += n
			all.Merge(latency)
			return err
		})
	}
	return total, all, group.Wait()
}

func (w ReadStreams) time(ctx context.Context, s system.System, streams system.StreamReader, order []int, d time.Duration) (Metrics, error) {
	before, err := readClock(ctx, s)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	n, latency, err := w.share(ctx, streams, order, d)
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
