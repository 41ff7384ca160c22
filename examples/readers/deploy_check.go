package main

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/pgxtarget"
	"github.com/cairndb/cairn/projection/sqltarget"
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

// undisturbed is version 2 under another name.
var undisturbed = model{name: "scratch", table: "scratch", version: 2}

func (d *release) scratch(ctx context.Context) error {
	if d.space.Kind == "sqlite" {
		db, err := d.space.open()
		if err != nil {
			return err
		}
		return errors.Join(runToEnd(ctx, d.crew, sqltarget.SQLite(db), undisturbed.sqlite()), db.Close())
	}
	pool, err := pgxpool.New(ctx, d.space.Source)
	if err != nil {
		return err
	}
	defer pool.Close()
	return runToEnd(ctx, d.crew, pgxtarget.New(pool), undisturbed.pgx())
}

// runToEnd builds a projection here, up to where the log ends.
func runToEnd[Tx any](ctx context.Context, c *crew, target projection.Target[Tx], p projection.Projection[Tx]) error {
	info, err := c.store.Info(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ended := make(chan error, 1)
	enough := errors.New("enough")
	go func() {
		err := projection.Run(ctx, c.store, target, p, &projection.Options{Report: -1})
		cancel(err)
		ended <- err
	}()
	err = projection.Wait(ctx, c.store, target, p.Name, info.Head)
	cancel(enough)
	if ran := <-ended; !errors.Is(ran, enough) {
		return errors.Join(ran, err)
	}
	return err
}

// compare compares the rows of both builds, and those of the one from scratch.
func (d *release) compare(ctx context.Context) error {
	db, err := d.space.open()
	if err != nil {
		return err
	}
	defer db.Close()
	var sums []uint64
	for _, query := range []string{
		`SELECT k, n, at, 0 FROM spending_b1 ORDER BY k`, `SELECT k, n, at, 0 FROM spending_b2 ORDER BY k`,
		`SELECT k, n, at, cents FROM spending ORDER BY k`, `SELECT k, n, at, cents FROM scratch ORDER BY k`,
	} {
		rows, sum, err := checksum(ctx, db, query)
		if err != nil {
			return err
		}
		if rows != d.plan.Keys {
			d.report.Wrong = append(d.report.Wrong, fmt.Sprintf("%s: %d rows, and there are %d customers", query, rows, d.plan.Keys))
		}
		sums = append(sums, sum)
	}
	if d.report.Sum = sums[2]; sums[0] != sums[1] {
		d.report.Wrong = append(d.report.Wrong, "the rows of version 1 and version 2 differ")
	}
	if sums[2] != sums[3] {
		d.report.Wrong = append(d.report.Wrong, "the rows of version 2 are not those of a build from scratch")
	}
	return nil
}

// checksum is of rows, in their order.
func checksum(ctx context.Context, db *sql.DB, query string) (n int, sum uint64, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	h := fnv.New64a()
	for rows.Next() {
		var row [4]int64
		if err := rows.Scan(&row[0], &row[1], &row[2], &row[3]); err != nil {
			return 0, 0, err
		}
		_ = binary.Write(h, binary.LittleEndian, row) // a hash never fails
		n++
	}
	return n, h.Sum64(), rows.Err()
}
