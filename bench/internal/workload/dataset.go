package workload

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
)

// Load is the name under which filling the store that is read is reported.
const Load = "load"

// What is read are streams of 100 events, or as many streams as the settings
// say, interleaved: event n belongs to stream n modulo the number of streams. One event in 10,000 is rare.
const (
	streamLength = 100
	chunkSize    = 1000
)

// reader is a workload that reads the loaded store.
type reader interface{ reads() }

// load fills a store of every system, if any workload is going to read it.
func (r *Run) load(ctx context.Context) error {
	if !slices.ContainsFunc(r.Workloads, func(w Workload) bool { _, ok := w.(reader); return ok }) {
		return nil
	}
	for _, spec := range r.Systems {
		if spec.WritesOnly {
			continue
		}
		metrics, err := r.loadOne(ctx, spec)
		if errors.Is(err, ErrCannot) {
			continue
		}
		if err != nil {
			return fmt.Errorf("loading %s: %w", spec.Name, err)
		}
		r.keep(Sample{Workload: Load, System: spec.Name, Round: 1, Metrics: metrics})
		if err := r.rest(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) loadOne(ctx context.Context, spec system.Spec) (Metrics, error) {
	s, dir, err := r.open(ctx, spec, 1)
	if err != nil {
		return nil, err
	}
	loader, ok := s.(system.Loader)
	if !ok {
		return nil, errors.Join(ErrCannot, s.Close())
	}
	begin := time.Now()
	events := r.loaded(spec)
	err = loader.Load(ctx, interleaved(r.streams(), events))
	if err := errors.Join(err, s.Close()); err != nil {
		return nil, err
	}
	elapsed := time.Since(begin)
	r.datasets[spec.Name] = dir
	metrics := Metrics{EventsPerSecond: float64(events) / elapsed.Seconds()}
	if size, err := measure.Allocated(dir); err != nil || size > 0 {
		metrics[DiskPerEvent] = float64(size) / float64(events)
		return metrics, err
	}
	return metrics, nil
}

func (r *Run) streams() int {
	if r.Keys > 0 {
		return r.Keys
	}
	return max(r.Events/streamLength, 1)
}

func (r *Run) events() int {
	if r.Keys > 0 {
		return max(r.Events/r.Keys, 1) * r.Keys
	}
	return r.streams() * streamLength
}

// loaded is how many events a system is given.
func (r *Run) loaded(spec system.Spec) int {
	if spec.Slow > 0 {
		return min(spec.Slow, r.events())
	}
	return r.events()
}

func streamName(i int) string { return fmt.Sprint("order-", i) }

// interleaved yields the events of all streams in turn, in chunks that write to
// a stream once at most, because expectations are about what was before them.
func interleaved(streams, total int) iter.Seq[[]cairn.Write] {
	return func(yield func([]cairn.Write) bool) {
		g := newGenerator(1)
		for first := 0; first < total; {
			writes := make([]cairn.Write, min(chunkSize, streams-first%streams, total-first))
			for i := range writes {
				writes[i] = interleavedWrite(g, first+i, streams)
			}
			if !yield(writes) {
				return
			}
			first += len(writes)
		}
	}
}

func interleavedWrite(g *generator, n, streams int) cairn.Write {
	e := g.event()
	if n%rareEvery == rareEvery/2 {
		e.Type = rareType
	}
	return cairn.Write{
		Stream:   streamName(n % streams),
		Expected: cairn.Revision(n/streams) - 1,
		Events:   []cairn.Event{e},
	}
}

// rareEvents is how many of the first n events are rare.
func rareEvents(n int) int { return (n + rareEvery - 1 - rareEvery/2) / rareEvery }

// reopen opens the loaded store of a system. A store that was not loaded is
// unsupported work.
func (r *Run) reopen(ctx context.Context, spec system.Spec) (system.System, error) {
	dir, ok := r.datasets[spec.Name]
	if !ok {
		return nil, ErrCannot
	}
	return spec.Open(ctx, system.Options{Dir: dir, Writers: 1})
}
