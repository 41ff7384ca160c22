package selfbench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// Options say what to measure.
type Options struct {
	Writers  []int         // how many append at the same time, one measurement each
	Duration time.Duration // of each measurement

	Starting func(work string) // is told what is measured next
	Finished func(Result)      // is told what came out
}

// A Result is one measurement.
type Result struct {
	Work   string        `json:"work"`
	Events int64         `json:"events"`
	Took   time.Duration `json:"took_ns"`
	P50    time.Duration `json:"p50_ns"` // of single operations
	P99    time.Duration `json:"p99_ns"`
	Of     string        `json:"of"` // what an operation is
}

// Run makes a store in a new directory under parent, measures it and removes
// it again, also when ctx ends, whose cause it then returns.
func Run(ctx context.Context, parent string, o Options) (err error) {
	dir, err := os.MkdirTemp(parent, "cairn-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := disk.Open(dir, nil)
	if err != nil {
		return err
	}
	err = measure(ctx, s, o)
	return errors.Join(err, s.Close())
}

// A work is something to measure.
type work struct {
	name, of string
	run      func(context.Context, cairn.Store, time.Duration) (sample, error)
}

// measure does one work after the other in the same store; what is appended
// first is read later.
func measure(ctx context.Context, s cairn.Store, o Options) error {
	for _, w := range works(o.Writers) {
		o.Starting(w.name)
		start := time.Now()
		got, err := w.run(ctx, s, o.Duration)
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
		took := time.Since(start)
		o.Finished(Result{w.name, got.events, took, got.times.quantile(0.5), got.times.quantile(0.99), w.of})
	}
	return nil
}

func works(writers []int) (all []work) {
	for _, n := range writers {
		name := "append, 1 writer"
		if n > 1 {
			name = fmt.Sprintf("append, %d writers", n)
		}
		all = append(all, work{name, "an append", appendWith(n, 1)})
	}
	return append(all,
		work{"append 100 at once, 16 writers", "an append of 100", appendWith(16, 100)},
		work{"read all", "a whole read", readAll},
		work{"read 1 in 10,000 by type", "a whole read", readRare},
		work{"follow", "append to follower", follow})
}
