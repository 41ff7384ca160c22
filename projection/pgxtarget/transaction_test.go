package pgxtarget_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/pgxtarget"
)

// What a handler may do wrong is an error, and undone, and the target goes on.
func TestHandlersThatMisbehave(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		fn  func(ctx context.Context, tx pgx.Tx) error
		say string
	}{
		"commits":    {func(ctx context.Context, tx pgx.Tx) error { return tx.Commit(ctx) }, "not by a handler"},
		"takes back": {func(ctx context.Context, tx pgx.Tx) error { return tx.Rollback(ctx) }, "not by a handler"},
		"says so":    {func(ctx context.Context, tx pgx.Tx) error { _, err := tx.Exec(ctx, `rollback`); return err }, "has ended the transaction"},
		"goes on":    {func(ctx context.Context, tx pgx.Tx) error { _, _ = tx.Exec(ctx, `SELECT 1/0`); return nil }, "went on"},
		"goes on and queues": {func(ctx context.Context, tx pgx.Tx) error {
			_, _ = tx.Exec(ctx, `SELECT 1/0`)
			return pgxtarget.Queue(ctx, tx, at(1), `SELECT 1`)
		}, "went on"},
		"keeps rows": {func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Query(ctx, `SELECT generate_series(1, 100000)`)
			return err
		}, "busy"},
		"breaks a row": {func(ctx context.Context, tx pgx.Tx) error { return tx.QueryRow(ctx, `SELECT 1/0`).Scan() }, "division by zero"},
		"says nothing": {func(context.Context, pgx.Tx) error { return errors.New("no") }, "no"},
	} {
		t.Run(what, func(t *testing.T) {
			d := newDatabase(t)
			d.do(`CREATE TABLE item (n int)`)
			target := d.target(func(c *pgxpool.Config) { c.MaxConns = 1 })
			equal(t, "before", target.Apply(within(t), move("lane/0", "", "1")), nil)
			err := target.Update(within(t), move("lane/0", "1", "2"), func(ctx context.Context, tx pgx.Tx) error {
				if _, err := tx.Exec(ctx, `INSERT INTO item VALUES (1)`); err != nil {
					return err
				}
				return c.fn(ctx, tx)
			})
			if err == nil || !strings.Contains(err.Error(), c.say) || target.Fault(err) != projection.FaultEvent {
				t.Errorf("got %v (%v), want an error of the event that says %q", err, target.Fault(err), c.say)
			}
			equal(t, "rows", d.count(`SELECT count(*) FROM item`), 0)
			equal(t, "afterwards", target.Apply(within(t), move("lane/0", "1", "2")), nil)
		})
	}
}

// A transaction that was kept cannot be used when it has ended: its connection
// belongs to somebody else.
func TestKeptTransaction(t *testing.T) {
	d := newDatabase(t)
	target := d.target()
	var kept pgx.Tx
	equal(t, "the update", target.Update(within(t), move("lane/0", "", "1"), func(_ context.Context, tx pgx.Tx) error {
		kept = tx
		return nil
	}), nil)
	_, err := kept.Exec(within(t), `SELECT 1`)
	equal(t, "Exec", errors.Is(err, pgx.ErrTxClosed), true)
	_, err = kept.Begin(within(t))
	equal(t, "Begin", errors.Is(err, pgx.ErrTxClosed), true)
}

func TestSavepoints(t *testing.T) {
	d := newDatabase(t)
	d.do(`CREATE TABLE item (n int PRIMARY KEY)`)
	target := d.target()
	equal(t, "the update", target.Update(within(t), move("lane/0", "", "1"), func(ctx context.Context, tx pgx.Tx) error {
		for _, n := range []int{1, 2, 2, 3} {
			err := pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO item VALUES ($1)`, n)
				return err
			})
			if err != nil && target.Fault(err) != projection.FaultEvent {
				return err
			}
			if err := pgxtarget.Queue(ctx, tx, nil, `UPDATE item SET n = n`); err != nil {
				return err
			}
		}
		return nil
	}), nil)
	equal(t, "rows", d.count(`SELECT sum(n) FROM item`), 6)
}

// Rows that COPY cannot take are the events', wherever it is noticed.
func TestCopyOfBadRows(t *testing.T) {
	d := newDatabase(t)
	d.do(`CREATE TABLE item (n int PRIMARY KEY, s varchar(3))`)
	target := d.target()
	good := func(n int) []any { return []any{n, "ok"} }
	for what, source := range map[string]pgx.CopyFromSource{
		"a violated key":     pgx.CopyFromRows([][]any{good(1), good(2), good(1)}),
		"a text too long":    pgx.CopyFromRows([][]any{good(1), {2, "long"}}),
		"NUL in a text":      pgx.CopyFromRows([][]any{good(1), {2, "\x00"}}),
		"another type":       pgx.CopyFromRows([][]any{good(1), {struct{}{}, "ok"}}),
		"a number too great": pgx.CopyFromRows([][]any{good(1), {int64(1) << 40, "ok"}}),
		"a column missing":   pgx.CopyFromRows([][]any{good(1), {2}}),
		"an error of the source": pgx.CopyFromFunc(func() ([]any, error) {
			return nil, errors.New("cannot be decoded")
		}),
	} {
		err := target.Update(within(t), move("lane/0", "", "1"), func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"n", "s"}, source)
			return err
		})
		if err == nil || target.Fault(err) != projection.FaultEvent {
			t.Errorf("%s: got %v (%v), want an error of the event", what, err, target.Fault(err))
		}
		equal(t, what, d.count(`SELECT count(*) FROM item`), 0)
	}
	equal(t, "entry", d.entry(target, "lane/0"), "")
}

// A context that ends in the middle of COPY ends it, and nothing is kept.
func TestContextEndsInCopy(t *testing.T) {
	d := newDatabase(t)
	d.do(`CREATE TABLE item (n int)`)
	target := d.target()
	enough := errors.New("enough")
	for _, rows := range []int{1, 10, 100_000} {
		ctx, cancel := context.WithCancelCause(within(t))
		n := 0
		err := target.Update(ctx, move("lane/0", "", "1"), func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"n"}, pgx.CopyFromFunc(func() ([]any, error) {
				if n++; n == rows {
					cancel(enough)
				}
				if n > rows {
					<-ctx.Done()
					return nil, fmt.Errorf("stopped: %w", ctx.Err())
				}
				return []any{n}, nil
			}))
			return err
		})
		if !errors.Is(err, enough) {
			t.Errorf("after %d rows: got %v, want the cause of the context's end", rows, err)
		}
		equal(t, "afterwards", target.Apply(within(t), projection.Change{Expect: []projection.Entry{{Key: "lane/0"}}}), nil)
		equal(t, "rows", d.count(`SELECT count(*) FROM item`), 0)
	}
}
