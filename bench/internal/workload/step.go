package workload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
)

// A Step is what one process of a [Scale] does with its store.
type Step struct {
	System  string
	Streams int
	Dir     string
}

// Run does the step and writes its metrics as JSON. The actions are load,
// reopen, and hammer, which writes one line when it is under way and appends
// until it is killed.
func (s Step) Run(ctx context.Context, action string, out io.Writer) error {
	spec, err := system.Find(s.System)
	if err != nil {
		return err
	}
	actions := map[string]func(context.Context, system.Spec, io.Writer) (Metrics, error){
		"load": s.load, "reopen": s.reopen, "hammer": s.hammer,
	}
	do, ok := actions[action]
	if !ok {
		return fmt.Errorf("there is no step %q", action)
	}
	metrics, err := do(ctx, spec, out)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(metrics)
}

func (s Step) open(ctx context.Context, spec system.Spec) (system.System, error) {
	return spec.Open(ctx, system.Options{Dir: s.Dir, Writers: hammers})
}

func (s Step) load(ctx context.Context, spec system.Spec, _ io.Writer) (Metrics, error) {
	store, err := s.open(ctx, spec)
	if err != nil {
		return nil, err
	}
	loader, ok := store.(system.Loader)
	if !ok {
		return nil, errors.Join(ErrCannot, store.Close())
	}
	begin := time.Now()
	if err := loader.Load(ctx, interleaved(s.Streams, s.Streams)); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	metrics := Metrics{EventsPerSecond: float64(s.Streams) / time.Since(begin).Seconds()}
	if err := errors.Join(metrics.memory(), store.Close()); err != nil {
		return nil, err
	}
	size, err := measure.Allocated(s.Dir)
	metrics[DiskPerEvent] = float64(size) / float64(s.Streams)
	return metrics, err
}

func (m Metrics) memory() error {
	used, err := measure.Settled()
	m[RSS], m[PeakRSS], m[Heap] = float64(used.RSS), float64(used.Peak), float64(used.Heap)
	return err
}

// lookups is how many streams are read before the memory of a store that was
// reopened is looked at, so that it has had something to do.
const lookups = 1000

func (s Step) reopen(ctx context.Context, spec system.Spec, _ io.Writer) (Metrics, error) {
	begin := time.Now()
	store, err := s.open(ctx, spec)
	if err != nil {
		return nil, err
	}
	metrics := Metrics{OpenSeconds: time.Since(begin).Seconds()}
	err = s.use(ctx, store, 1)
	metrics[ReadySeconds] = time.Since(begin).Seconds()
	return metrics, errors.Join(err, s.use(ctx, store, lookups), metrics.memory(), store.Close())
}

// use appends one event and reads some of the loaded streams.
func (s Step) use(ctx context.Context, store system.System, reads int) error {
	name, events := fmt.Sprint("reopened-", time.Now().UnixNano()), make([]cairn.Event, 1)
	newGenerator(1).fill(events)
	if err := store.Append(ctx, name, cairn.NoStream, events); err != nil {
		return err
	}
	streams, ok := store.(system.StreamReader)
	if !ok {
		return ErrCannot
	}
	for range reads {
		one := streamName(rand.IntN(s.Streams))
		if err := exactly(1, func() (system.Tally, error) { return streams.ReadStream(ctx, one) }); err != nil {
			return fmt.Errorf("%s: %w", one, err)
		}
	}
	return nil
}

const (
	hammers    = 64
	hammerTime = time.Second
)

func (s Step) hammer(ctx context.Context, spec system.Spec, out io.Writer) (Metrics, error) {
	store, err := s.open(ctx, spec)
	if err != nil {
		return nil, err
	}
	load := Append{Writers: hammers, Batch: 1}
	for round := 0; ; round++ {
		if _, err := load.drive(ctx, store, fmt.Sprintf("hammer%d-%d", time.Now().UnixNano(), round), hammerTime); err != nil {
			return nil, errors.Join(err, store.Close())
		}
		if _, err := fmt.Fprintln(out, "under way"); err != nil {
			return nil, errors.Join(err, store.Close())
		}
	}
}
