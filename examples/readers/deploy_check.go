package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/cairndb/cairn/projection"
)

// end ends those who write and read, and has everybody apply what is there.
func (d *release) end(ctx context.Context) error {
	if err := d.dismiss(d.writer); err != nil {
		return err
	}
	var took string
	_, _ = fmt.Sscan(d.of(d.writer).said["wrote"], &d.report.Written, &took)
	if wrote, err := time.ParseDuration(took); err == nil {
		d.report.Writing = rate(d.report.Written, wrote)
	}
	if err := d.with(func(t projection.Publisher) error { return d.level(ctx, t) }); err != nil {
		return err
	}
	for _, p := range []*process{d.reader, d.new, d.old} {
		if err := d.dismiss(p); err != nil {
			return err
		}
	}
	return json.Unmarshal([]byte(d.of(d.reader).said["found"]), &d.report.Reading)
}

// level waits until both builds show all that there is.
func (d *release) level(ctx context.Context, t projection.Publisher) error {
	return d.during(ctx, "both builds", func(ctx context.Context) error {
		for {
			s, err := projection.StatusOf(ctx, d.store, t, spending.name)
			if err != nil || s.Builds[0].Lag == 0 && s.Builds[1].Lag == 0 {
				return err
			}
			rest(ctx, 20*time.Millisecond)
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
		}
	})
}

// check audits both builds, builds version 2 once more with nobody about, and
// compares the rows. Nobody runs any more.
func (d *release) check(ctx context.Context) (err error) {
	if d.report.reads, err = loadReads(d.Dir); err != nil {
		return err
	}
	if err := d.with(func(t projection.Publisher) error { return d.audit(ctx, t) }); err != nil {
		return err
	}
	begun := time.Now()
	if err := d.scratch(ctx); err != nil {
		return err
	}
	d.report.Scratch = rate(d.plan.Events+d.report.Written, time.Since(begun))
	d.tell("version 2 was built from scratch at %.0f events/s", d.report.Scratch)
	return d.compare(ctx)
}

func (d *release) audit(ctx context.Context, t projection.Publisher) error {
	for build := 1; build <= 2; build++ {
		r, err := projection.Audit(ctx, d.store, t, spending.name, projection.AuditOptions{Build: build})
		if err != nil {
			return err
		}
		if !r.OK() {
			return fmt.Errorf("the audit of build %d is not content: %+v", build, r.Lanes)
		}
		d.report.Audited = r.Read
	}
	return nil
}
