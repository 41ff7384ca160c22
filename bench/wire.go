package main

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/bench/internal/wire"
	"github.com/cairndb/cairn/bench/internal/workload"
)

// wireWorkloads are what servers are asked to do.
func wireWorkloads() []workload.Workload {
	return []workload.Workload{
		workload.Append{Writers: 1, Batch: 1},
		workload.Append{Writers: 256, Batch: 1},
		workload.Follow{Rate: 500},
		workload.Follow{Rate: 100, Followers: 100},
		workload.Crowd{Followers: 10_000, Writers: 64},
		workload.Crowd{Followers: 1000, Writers: 64, Slow: true},
		workload.ReadAll{},
		workload.ReadStreams{Streams: 10_000, Readers: 8},
	}
}

// runWire measures servers in processes of this program, and reports.
func runWire(ctx context.Context, args []string, out, log io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	specs := wire.All([]string{self, "wire-server"})
	c := newCommand("wire", specs, "all", log)
	r := workload.Run{Workloads: wireWorkloads(), Log: logTo(log), Strict: os.Getenv("CAIRN_REQUIRE_SERVICES") != ""}
	selection := c.String("workloads", "all", "which `names` or beginnings of names, separated by commas")
	c.IntVar(&r.Rounds, "rounds", 3, "how often each system has its turn")
	c.DurationVar(&r.Duration, "duration", 2500*time.Millisecond, "of each measurement")
	c.DurationVar(&r.Warmup, "warmup", 500*time.Millisecond, "before each measurement of appends")
	c.DurationVar(&r.Idle, "idle", 1500*time.Millisecond, "between measurements")
	c.IntVar(&r.Events, "events", 500_000, "in the store that is read")
	if err := c.Parse(args); err != nil {
		return err
	}
	if r.Systems, err = c.selected(); err != nil {
		return err
	}
	if r.Workloads, err = workloads(*selection, r.Workloads); err != nil {
		return err
	}
	if r.Dir, err = c.scratch(); err != nil {
		return err
	}
	results := c.results()
	results.Settings = r.Settings
	err = r.Do(ctx, results)
	return errors.Join(err, c.write(out, results))
}

// runWireServer is one process of a wire measurement: a server, until its
// standard input ends.
func runWireServer(ctx context.Context, args []string, out, log io.Writer) error {
	c := newCommand("wire-server", nil, "", log)
	kind := c.String("kind", "", "`name` of the server")
	if err := c.Parse(args); err != nil {
		return err
	}
	return profiled(func() error { return wire.Serve(ctx, *kind, c.dir, os.Stdin, out) })
}

// profiled writes a processor profile of what a server, or a reaction, does into
// the directory that CAIRN_BENCH_PROFILES names, if it names one.
func profiled(serve func() error) error {
	dir := os.Getenv("CAIRN_BENCH_PROFILES")
	if dir == "" {
		return serve()
	}
	file, err := os.CreateTemp(dir, "server-*.pprof")
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return errors.Join(err, file.Close())
	}
	err = serve()
	pprof.StopCPUProfile()
	return errors.Join(err, file.Close())
}

// everything lists every system that results can be of.
func everything() []system.Spec {
	all := system.All()
	for _, spec := range wire.All([]string{""}) {
		if !strings.HasPrefix(spec.Name, "postgres") {
			all = append(all, spec)
		}
	}
	return append(all, system.Watermill()...)
}
