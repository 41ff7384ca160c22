package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/projection"
)

// A release is a version that takes the place of another.
type release struct {
	*crew
	plan     deployConfig
	last     cairn.Position // of the events before anything began
	old, new *process
	writer   *process
	reader   *process
	report   deployReport
}

func (c deployConfig) deploy(ctx context.Context, s space) (deployReport, error) {
	d := &release{crew: newCrew(&c.config, s), plan: c}
	d.report = deployReport{Seed: c.Seed, Target: s.Kind, Events: c.Events, Keys: c.Keys}
	begun := time.Now()
	err := d.play(ctx)
	d.report.Took = time.Since(begun)
	return d.report, errors.Join(err, d.close(err != nil))
}

func (d *release) play(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		d.fill, d.open, d.first, d.traffic, d.build, d.turn, d.end, d.check,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// fill makes a store of the events that there are before anything begins: one for
// each customer, and then for some or other.
func (d *release) fill(ctx context.Context) (err error) {
	begun := time.Now()
	store, err := disk.Open(storeDir(d.Dir), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	for n := 0; n < d.plan.Events; {
		var batches []cairn.Batch
		for len(batches) < 16 && n < d.plan.Events {
			var keys []int64
			for ; len(keys) < 500 && n < d.plan.Events; n++ {
				k := int64(n)
				if n >= d.plan.Keys {
					k = rand.Int64N(int64(d.plan.Keys))
				}
				keys = append(keys, k)
			}
			batches = append(batches, spend(keys...))
		}
		if d.last, err = commit(ctx, store, batches); err != nil {
			return err
		}
	}
	d.tell("%d events were written in %v", d.plan.Events, time.Since(begun).Round(time.Millisecond))
	return nil
}

// part is one of those who run a version.
func (d *release) part(role string) part {
	return part{Role: role, Batch: min(max(d.plan.Events/400, 8), 4096)}
}

// first has version 1 built.
func (d *release) first(ctx context.Context) (err error) {
	begun := time.Now()
	if d.old, err = d.hire(d.part("old")); err != nil {
		return err
	}
	err = d.with(func(t projection.Publisher) error {
		return d.during(ctx, "version 1", func(ctx context.Context) error {
			return projection.Wait(ctx, d.store, t, spending.name, d.last)
		})
	})
	d.report.First = rate(d.plan.Events, time.Since(begun))
	d.tell("version 1 was built at %.0f events/s", d.report.First)
	return err
}

func rate(n int, took time.Duration) float64 { return float64(n) / took.Seconds() }

// with does something with the target.
func (d *release) with(do func(projection.Publisher) error) error {
	db, err := d.space.open()
	if err != nil {
		return err
	}
	return errors.Join(do(d.space.target(db)), db.Close())
}

// hot is how many customers are written to and read, so that each changes often.
const hot = 100

// traffic has somebody write and somebody read, from now on.
func (d *release) traffic(ctx context.Context) (err error) {
	keys := min(hot, d.plan.Keys)
	if d.writer, err = d.hire(part{Role: "writer", Keys: keys, Rate: d.plan.Appends}); err != nil {
		return err
	}
	if d.reader, err = d.hire(part{Role: "reader", Keys: keys, Rate: d.plan.Reads}); err != nil {
		return err
	}
	return d.shown(ctx, "1")
}

// shown waits until readers see a version.
func (d *release) shown(ctx context.Context, version string) error {
	return d.soon(ctx, "version "+version, func() bool { return d.of(d.reader).said["saw"] == version })
}
