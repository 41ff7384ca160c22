package main

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/bench/internal/workload"
)

// projectors are the systems that projections read.
func projectors() (specs []system.Spec) {
	for _, spec := range system.All() {
		if spec.Name == "cairn" {
			specs = append(specs, spec)
		}
	}
	return specs
}

// runProject measures read models, and reports.
func runProject(ctx context.Context, args []string, out, log io.Writer) error {
	c := newCommand("project", projectors(), "all", log)
	r := workload.Run{Log: logTo(log), Strict: os.Getenv("CAIRN_REQUIRE_SERVICES") != ""}
	selection := c.String("workloads", "all", "which `names` or beginnings of names, separated by commas")
	c.IntVar(&r.Rounds, "rounds", 5, "how often each workload has its turn")
	c.DurationVar(&r.Duration, "duration", 5*time.Second, "of each measurement of latency")
	c.DurationVar(&r.Idle, "idle", 500*time.Millisecond, "between measurements")
	c.IntVar(&r.Events, "events", 1_000_000, "in the log that is projected")
	live := c.Int("live", 200_000, "events that are appended meanwhile")
	hand := c.Int("hand", 3000, "events that are projected by hand")
	rate := c.Int("rate", 1000, "events a second while latency is measured")
	if err := c.Parse(args); err != nil {
		return err
	}
	var err error
	if r.Systems, err = c.selected(); err != nil {
		return err
	}
	if r.Workloads, err = workloads(*selection, workload.Projects(*live, *hand, *rate)); err != nil {
		return err
	}
	if r.Dir, err = c.scratch(); err != nil {
		return err
	}
	results := c.results()
	results.Settings = r.Settings
	err = profiled(func() error { return r.Do(ctx, results) })
	return errors.Join(err, c.write(out, results))
}
