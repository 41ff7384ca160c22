package workload

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/cairndb/cairn/bench/internal/measure"
	"github.com/cairndb/cairn/bench/internal/system"
)

// Settings say how much to measure.
type Settings struct {
	Rounds   int           `json:"rounds"`
	Duration time.Duration `json:"duration"`       // of each measurement
	Warmup   time.Duration `json:"warmup"`         // before an append measurement
	Idle     time.Duration `json:"idle"`           // between measurements
	Events   int           `json:"events"`         // in the store that is read
	Keys     int           `json:"keys,omitempty"` // streams in it; zero is one for each 100 events
}

// ErrCannot is the error of work that a system does not do.
var ErrCannot = errors.New("workload: the system cannot do this")

// A Workload measures one kind of work.
type Workload interface {
	Name() string

	// Measure works on one system.
	Measure(ctx context.Context, r *Run, spec system.Spec) (Metrics, error)
}

// All lists every workload in the order in which they run.
func All() []Workload {
	return []Workload{
		Append{Writers: 1, Batch: 1},
		Append{Writers: 64, Batch: 1},
		Append{Writers: 256, Batch: 1},
		Append{Writers: 1024, Batch: 1},
		Append{Writers: 16, Batch: 100},
		Follow{Rate: 500},
		ReadAll{},
		ReadStreams{Streams: 10_000},
		Filtered{},
	}
}

// A Run is one run of some workloads over some systems.
type Run struct {
	Settings
	Dir       string // is the run's alone and deleted at the end
	Systems   []system.Spec
	Workloads []Workload
	Log       func(format string, args ...any)
	Strict    bool // a service that is missing is an error

	results  *Results
	datasets map[string]string // directory by system
	opened   int
}

// Do measures everything into results, which holds what was measured also when
// there is an error.
func (r *Run) Do(ctx context.Context, results *Results) (err error) {
	r.results, r.datasets = results, map[string]string{}
	defer func() { err = errors.Join(err, r.cleanUp(ctx)) }()
	if err := r.probe(ctx); err != nil {
		return err
	}
	if err := r.load(ctx); err != nil {
		return err
	}
	for _, w := range r.Workloads {
		rounds := r.Rounds
		if _, once := w.(interface{ once() }); once {
			rounds = min(rounds, 1)
		}
		for round := range rounds {
			if err := r.round(ctx, w, round+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *Run) round(ctx context.Context, w Workload, round int) error {
	for _, spec := range r.Systems {
		metrics, err := w.Measure(ctx, r, spec)
		if errors.Is(err, ErrCannot) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s on %s: %w", w.Name(), spec.Name, err)
		}
		r.keep(Sample{Workload: w.Name(), System: spec.Name, Round: round, Metrics: metrics})
		if err := r.rest(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *Run) keep(s Sample) {
	r.results.Samples = append(r.results.Samples, s)
	r.Log("%s, round %d, %s: %s", s.Workload, s.Round, s.System, s.Metrics)
}

// rest lets the machine come to rest before the next system's turn.
func (r *Run) rest(ctx context.Context) error {
	if _, err := measure.Settled(); err != nil {
		return err
	}
	return measure.Pause(ctx, r.Idle)
}

// probe opens every system once and leaves out those whose service is missing.
func (r *Run) probe(ctx context.Context) error {
	var present []system.Spec
	for _, spec := range r.Systems {
		s, _, err := r.open(ctx, spec, 1)
		switch {
		case errors.Is(err, system.ErrUnavailable) && !r.Strict:
			r.Log("%s is left out: %v", spec.Name, err)
			r.results.Omitted = append(r.results.Omitted, fmt.Sprintf("%s (%v)", spec.Name, err))
			continue
		case err != nil:
			return fmt.Errorf("opening %s: %w", spec.Name, err)
		}
		if v, ok := s.(system.Versioner); ok {
			r.results.Servers = append(r.results.Servers, v.Version(ctx))
		}
		if err := errors.Join(checked(ctx, s, spec), s.Close()); err != nil {
			return fmt.Errorf("trying %s: %w", spec.Name, err)
		}
		present = append(present, spec)
	}
	r.Systems = present
	return nil
}

// open opens a system in a new directory. Nothing is deleted before the end of
// the run: see [measure.Remove].
func (r *Run) open(ctx context.Context, spec system.Spec, writers int) (system.System, string, error) {
	r.opened++
	dir := filepath.Join(r.Dir, fmt.Sprintf("%s-%d", spec.Name, r.opened))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, "", err
	}
	s, err := spec.Open(ctx, system.Options{Dir: dir, Writers: writers})
	return s, dir, err
}

// cleanUp deletes everything, slowly unless the run was interrupted.
func (r *Run) cleanUp(ctx context.Context) error {
	var errs []error
	for _, spec := range r.Systems {
		if spec.Sweep != nil {
			errs = append(errs, spec.Sweep(context.WithoutCancel(ctx)))
		}
	}
	return errors.Join(append(errs, measure.Remove(ctx, r.Dir))...)
}
