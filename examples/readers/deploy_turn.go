package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// build has version 2 built by a process that is killed again and again.
func (d *release) build(ctx context.Context) (err error) {
	d.report.Begun = time.Now()
	for n := range d.plan.Kills {
		share := 0.9 * (float64(n) + d.dice.Float64()) / float64(d.plan.Kills)
		due := max(1, cairn.Position(share*float64(d.plan.Events)))
		if err := d.life(due, due+cairn.Position(d.plan.Events*3/100)); err != nil {
			return err
		}
		life := strconv.Itoa(d.new.part.Life)
		if err := d.until(ctx, fmt.Sprintf("position %d to be built", due), func() bool { return d.of(d.new).said["due"] == life }); err != nil {
			return err
		}
		rest(ctx, time.Duration(d.dice.Int64N(int64(50*time.Millisecond))))
		if err := d.new.kill(); err != nil {
			return err
		}
		d.report.Kills++
		d.tell("killed at %4.1f%%", 100*float64(d.of(d.new).at)/float64(d.plan.Events))
	}
	if err := d.life(0, 0); err != nil {
		return err
	}
	defer d.watch(nil)
	return d.until(ctx, "the switch to version 2", func() bool { return d.of(d.reader).said["saw"] == "2" })
}

// life begins a life of the process that builds version 2.
func (d *release) life(due, hold cairn.Position) (err error) {
	if d.new == nil {
		p := d.part("new")
		p.Due, p.Hold = due, hold
		d.new, err = d.hire(p)
		d.watch(d.new)
		return err
	}
	d.new.part.Due, d.new.part.Hold = due, hold
	return d.new.again()
}

// turn notes how the switch went, takes readers back, and to version 2 again.
func (d *release) turn(ctx context.Context) error {
	return d.with(func(t projection.Publisher) error {
		s, err := projection.StatusOf(ctx, d.store, t, spending.name)
		if err != nil {
			return err
		}
		b, _ := s.Build(s.Active)
		d.report.Build = rate(d.plan.Events, b.Leveled.Sub(d.report.Begun))
		d.report.Level = b.Switched.Sub(b.Leveled)
		d.report.Turns = append(d.report.Turns, turn{To: "version 2", Begun: b.Switched, Ended: b.Switched})
		if published := d.of(d.new).published; len(published) > 0 { // or the answer was lost
			d.report.Turns[0].Ended = b.Switched.Add(published[0])
		}
		d.tell("version 2 was built at %.0f events/s, and readers see it", d.report.Build)
		rest(ctx, d.plan.Settle)
		err = d.turnTo(ctx, "1", func() error { return projection.Rollback(ctx, d.store, t, spending.name, nil) })
		if err != nil {
			return err
		}
		return d.turnTo(ctx, "2", func() error { return projection.Switch(ctx, d.store, t, spending.name, b.Build, nil) })
	})
}

// turnTo shows readers another version, and waits until they have seen it.
func (d *release) turnTo(ctx context.Context, version string, do func() error) error {
	begun := time.Now()
	if err := do(); err != nil {
		return fmt.Errorf("to version %s: %w", version, err)
	}
	d.report.Turns = append(d.report.Turns, turn{To: "version " + version, Begun: begun, Ended: time.Now()})
	if err := d.shown(ctx, version); err != nil {
		return err
	}
	rest(ctx, d.plan.Settle)
	return nil
}
