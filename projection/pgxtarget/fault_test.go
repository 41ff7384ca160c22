package pgxtarget_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/pgxtarget"
)

// one limits a pool to one connection.
func one(c *pgxpool.Config) { c.MaxConns = 1 }

// fault checks whose an error is said to be, however it is wrapped.
func fault(t testing.TB, what string, l projection.Ledger, err error, want projection.Fault) {
	t.Helper()
	for _, e := range []error{err, &projection.EventError{Position: 1, Err: err}, fmt.Errorf("wrapped: %w", err)} {
		if got := l.Fault(e); err == nil || got != want {
			t.Errorf("%s: Fault(%v) is %v, want %v", what, e, got, want)
		}
	}
}

// Databases that cannot write, for now or until somebody mends them.
func TestDatabasesThatCannotWrite(t *testing.T) {
	for what, c := range map[string]struct {
		change func(d *database, c *pgxpool.Config)
		want   projection.Fault
	}{
		"read-only":          {func(_ *database, c *pgxpool.Config) { run("default_transaction_read_only", "on")(c) }, projection.FaultDown},
		"too slow":           {func(_ *database, c *pgxpool.Config) { run("statement_timeout", "1")(c) }, projection.FaultDown},
		"schema missing":     {func(_ *database, c *pgxpool.Config) { run("search_path", "not_there")(c) }, projection.FaultSetup},
		"unknown user":       {func(_ *database, c *pgxpool.Config) { c.ConnConfig.User = "cairn_is_not_there" }, projection.FaultSetup},
		"unknown database":   {func(_ *database, c *pgxpool.Config) { nobody(c) }, projection.FaultSetup},
		"nobody listens":     {func(_ *database, c *pgxpool.Config) { elsewhere(c) }, projection.FaultDown},
		"no rights":          {func(d *database, c *pgxpool.Config) { d.role(c, "LOGIN") }, projection.FaultSetup},
		"no connection left": {func(d *database, c *pgxpool.Config) { d.role(c, "LOGIN CONNECTION LIMIT 0") }, projection.FaultDown},
		"no log-in":          {func(d *database, c *pgxpool.Config) { d.role(c, "NOLOGIN") }, projection.FaultSetup},
	} {
		t.Run(what, func(t *testing.T) {
			d := newDatabase(t)
			target := d.target(func(config *pgxpool.Config) { c.change(d, config) })
			err := target.Update(within(t), move("lane/0", "", "1"), func(ctx context.Context, tx pgx.Tx) error {
				if what != "too slow" {
					t.Error("the function was run")
				}
				_, err := tx.Exec(ctx, `SELECT pg_sleep(60)`)
				return err
			})
			fault(t, what, target, err, c.want)
		})
	}
}

// role has a pool connect as a role of its own.
func (d *database) role(c *pgxpool.Config, options string) {
	d.do(`CREATE ROLE ` + d.schema + ` ` + options)
	d.Cleanup(func() { d.do(`DROP ROLE ` + d.schema) })
	c.ConnConfig.User = d.schema
}

func TestClosedPool(t *testing.T) {
	d := newDatabase(t)
	pool := d.pool()
	target := pgxtarget.New(pool)
	pool.Close()
	fault(t, "Apply", target, target.Apply(within(t), move("a", "", "1")), projection.FaultSetup)
	_, err := target.Entries(within(t), "")
	fault(t, "Entries", target, err, projection.FaultSetup)
}

// Who finds the pool exhausted waits, until there is a connection or its context
// has ended.
func TestExhaustedPool(t *testing.T) {
	d := newDatabase(t)
	target := d.target(one)
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(within(t))
	waiting := make(chan error, 2)
	equal(t, "the one that holds it", target.Update(within(t), move("lane/0", "", "1"), func(context.Context, pgx.Tx) error {
		go func() { waiting <- target.Apply(within(t), move("lane/1", "", "1")) }()
		go func() { <-waiting; waiting <- nil }() // the one that is let wait is done, and says so below
		short, stop := context.WithTimeout(ctx, time.Millisecond)
		defer stop()
		_, err := target.Entries(short, "")
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Entries with a deadline: %v", err)
		}
		cancel(enough)
		if err := target.Apply(ctx, move("lane/2", "", "1")); !errors.Is(err, enough) {
			t.Errorf("Apply with an ended context: %v", err)
		}
		return nil
	}), nil)
	<-waiting
	equal(t, "the one that waited", d.entry(target, "lane/1"), "1")
}

// What two serializable transactions read and write crosswise is no event's fault,
// at whichever statement it comes out.
func TestSerializationFailures(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"serializable", "repeatable read"} {
		t.Run(level, func(t *testing.T) {
			d := newDatabase(t)
			d.do(`CREATE TABLE item (k int PRIMARY KEY, n int)`)
			d.do(`INSERT INTO item VALUES (0, 0)`)
			target := d.target(run("default_transaction_isolation", level))
			const each, who = 12, 3
			again := make(chan int, who)
			for i := range who {
				go func() { again <- counts(t, target, i, each) }()
			}
			var lost int
			for range who {
				lost += <-again
			}
			t.Logf("%d transactions lost", lost)
			equal(t, "count", d.count(`SELECT n FROM item`), each*who)
		})
	}
}

// counts adds to a row that others add to as well, by reading and writing it, and
// returns how often it lost.
func counts(t *testing.T, target *pgxtarget.Target, lane, times int) (lost int) {
	for i := 0; i < times; {
		err := target.Update(within(t), move(fmt.Sprint("lane/", lane), number(i), number(i+1)), func(ctx context.Context, tx pgx.Tx) error {
			var n int
			if err := tx.QueryRow(ctx, `SELECT n FROM item`).Scan(&n); err != nil {
				return err
			}
			return pgxtarget.Queue(ctx, tx, nil, `UPDATE item SET n = $1`, n+1)
		})
		switch {
		case err == nil:
			i++
		case target.Fault(err) == projection.FaultAgain:
			lost++
		default:
			t.Errorf("lane %d: %v (%v)", lane, err, target.Fault(err))
			return lost
		}
	}
	return lost
}

// Statements that were prepared before a switch to other columns are prepared anew.
func TestPreparedAcrossSwitch(t *testing.T) {
	d := newDatabase(t)
	target := d.target(one)
	for build, columns := range []string{"a int, b text", "a int, b text, c int", "b bigint", "a int, b text"} {
		names := projection.Names{Build: build + 1}
		equal(t, "making", target.Update(within(t), projection.Change{}, func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `CREATE TABLE `+names.Name("item")+` (`+columns+`)`)
			return err
		}), nil)
		equal(t, "publishing", target.Publish(within(t), projection.Change{}, []string{"item"}, names), nil)
		err := target.Update(within(t), projection.Change{}, readItem)
		if err != nil {
			fault(t, columns, target, err, projection.FaultAgain)
			err = target.Update(within(t), projection.Change{}, readItem)
		}
		equal(t, columns, err, nil)
	}
}

func readItem(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `SELECT * FROM item`)
	if err == nil {
		rows.Close()
		err = rows.Err()
	}
	return err
}
