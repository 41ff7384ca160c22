package main

import (
	"context"
	"errors"
	"io"
	"os"
	"time"

	"github.com/cairndb/cairn/bench/internal/system"
	"github.com/cairndb/cairn/bench/internal/wire"
	"github.com/cairndb/cairn/bench/internal/workload"
)

// reactors are the systems that share work among the members of a group.
func reactors(command []string) (specs []system.Spec) {
	for _, spec := range system.All() {
		if spec.Name == "cairn" || spec.Name == "jetstream" {
			specs = append(specs, spec)
		}
	}
	for _, spec := range wire.All(command) {
		if spec.Name == wire.Native {
			specs = append(specs, spec)
		}
	}
	return append(specs, system.Watermill()...)
}

// A reacting says how much the event-driven half is asked to do.
type reacting struct {
	work, poison, fire             time.Duration
	keys, messages, timers, firing int
}

func (c *command) reacting() *reacting {
	r := new(reacting)
	c.DurationVar(&r.work, "work", 0, "processor time of handling an event, measured too unless it is zero")
	c.DurationVar(&r.poison, "poison", 2*time.Second, "of each of eight legs with and without a poisoned key")
	c.DurationVar(&r.fire, "fire", 20*time.Second, "for how long timers fire")
	c.IntVar(&r.keys, "keys", 10_000, "that events belong to")
	c.IntVar(&r.messages, "messages", 50_000, "that a relay publishes")
	c.IntVar(&r.timers, "timers", 1_000_000, "that are pending")
	c.IntVar(&r.firing, "firing", 1000, "timers a second")
	return r
}

// workloads are what the event-driven half is asked to do.
func (r *reacting) workloads() []workload.Workload {
	all := []workload.Workload{workload.React{Members: 8}}
	if r.work > 0 {
		all = append(all, workload.React{Members: 8, Work: r.work})
	}
	return append(all,
		workload.Poison{Keys: r.keys, Members: 8, Rate: 5000, Duration: r.poison},
		workload.Relay{Broker: "nats", Messages: r.messages, Keys: r.keys},
		workload.Relay{Broker: "kafka", Messages: r.messages, Keys: r.keys},
		workload.Timers{Pending: r.timers, Rate: r.firing, Duration: r.fire})
}

// runReact measures groups, relays and timers, and reports.
func runReact(ctx context.Context, args []string, out, log io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	c := newCommand("react", reactors([]string{self, "wire-server"}), "all", log)
	r := workload.Run{Log: logTo(log), Strict: os.Getenv("CAIRN_REQUIRE_SERVICES") != ""}
	selection := c.String("workloads", "all", "which `names` or beginnings of names, separated by commas")
	c.IntVar(&r.Rounds, "rounds", 3, "how often each system has its turn")
	c.DurationVar(&r.Idle, "idle", 500*time.Millisecond, "between measurements")
	c.IntVar(&r.Events, "events", 400_000, "in the log that groups handle")
	size := c.reacting()
	if err := c.Parse(args); err != nil {
		return err
	}
	if r.Systems, err = c.selected(); err != nil {
		return err
	}
	r.Keys = size.keys
	if r.Workloads, err = workloads(*selection, size.workloads()); err != nil {
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
