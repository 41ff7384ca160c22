package pgxtarget_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/pgxtarget"
)

// An update is two batches and nothing else, whatever was queued.
func TestTwoRoundTrips(t *testing.T) {
	d := newDatabase(t)
	d.do(`CREATE TABLE item (n int)`)
	var sent trips
	target := d.target(func(c *pgxpool.Config) {
		c.MaxConns = 1
		c.ConnConfig.Tracer = &sent
		c.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	})
	for i := range 3 {
		sent = trips{}
		err := target.Update(within(t), move("lane/0", number(i), number(i+1)), func(ctx context.Context, tx pgx.Tx) error {
			for n := range 500 {
				if err := pgxtarget.Queue(ctx, tx, at(n), `INSERT INTO item VALUES ($1)`, n); err != nil {
					return err
				}
			}
			return nil
		})
		equal(t, "the update", err, nil)
		if i > 0 { // the first one makes the table
			equal(t, "batches and other statements", sent, trips{2, 0})
		}
	}
	equal(t, "rows", d.count(`SELECT count(*) FROM item`), 1500)
}

// number is what an entry says after so many changes.
func number(i int) string {
	if i == 0 {
		return ""
	}
	return fmt.Sprint(i)
}

// trips counts how often a connection waits for the server.
type trips struct{ batches, others int }

func (t *trips) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	t.batches++
	return ctx
}
func (*trips) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (*trips) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}
func (t *trips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	t.others++
	return ctx
}
func (*trips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// Everything that a transaction can do sees what was queued before it, in order.
func TestQueueIsInOrder(t *testing.T) {
	d := newDatabase(t)
	d.do(`CREATE TABLE step (id serial, what text)`)
	ways := map[string]func(ctx context.Context, tx pgx.Tx) error{
		"exec": func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO step (what) VALUES ('exec')`)
			return err
		},
		"query": func(ctx context.Context, tx pgx.Tx) error {
			r, err := tx.Query(ctx, `INSERT INTO step (what) VALUES ('query')`)
			if err == nil {
				r.Close()
				err = r.Err()
			}
			return err
		},
		"row": func(ctx context.Context, tx pgx.Tx) error {
			var id int
			return tx.QueryRow(ctx, `INSERT INTO step (what) VALUES ('row') RETURNING id`).Scan(&id)
		},
		"copy": func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.CopyFrom(ctx, pgx.Identifier{"step"}, []string{"what"}, pgx.CopyFromRows([][]any{{"copy"}}))
			return err
		},
		"batch": func(ctx context.Context, tx pgx.Tx) error {
			var b pgx.Batch
			b.Queue(`INSERT INTO step (what) VALUES ('batch')`)
			return tx.SendBatch(ctx, &b).Close()
		},
		"prepare": func(ctx context.Context, tx pgx.Tx) error {
			if _, err := tx.Prepare(ctx, "p", `INSERT INTO step (what) VALUES ('prepare')`); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "p")
			return err
		},
		"savepoint": func(ctx context.Context, tx pgx.Tx) error {
			return pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error {
				return pgxtarget.Queue(ctx, tx, nil, `INSERT INTO step (what) VALUES ('savepoint')`)
			})
		},
	}
	target := d.target()
	for what, way := range ways {
		d.do(`TRUNCATE step`)
		err := target.Update(within(t), projection.Change{}, func(ctx context.Context, tx pgx.Tx) error {
			for _, do := range []func(context.Context, pgx.Tx) error{queues("before"), way, queues("behind")} {
				if err := do(ctx, tx); err != nil {
					return err
				}
			}
			return nil
		})
		equal(t, what, err, nil)
		var order string
		equal(t, what, d.admin.QueryRow(within(t), `SELECT string_agg(what, ' ' ORDER BY id) FROM step`).Scan(&order), nil)
		equal(t, what, order, "before "+what+" behind")
	}
}

// queues is a function that queues a step.
func queues(what string) func(ctx context.Context, tx pgx.Tx) error {
	return func(ctx context.Context, tx pgx.Tx) error {
		return pgxtarget.Queue(ctx, tx, nil, `INSERT INTO step (what) VALUES ($1)`, what)
	}
}

// The error says which event it was, wherever the queue was sent from.
func TestQueueNamesTheEvent(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	d.do(`CREATE TABLE item (n int CHECK (n <> 13))`)
	target := d.target()
	for what, c := range map[string]struct {
		events int
		then   func(ctx context.Context, tx pgx.Tx) error
	}{
		"at the end":         {20, nothing},
		"when many gathered": {2000, nothing},
		"by a query": {20, func(ctx context.Context, tx pgx.Tx) error {
			var n int
			return hidden(tx.QueryRow(ctx, `SELECT 1`).Scan(&n))
		}},
		"by a savepoint": {20, func(ctx context.Context, tx pgx.Tx) error { _, err := tx.Begin(ctx); return hidden(err) }},
		"by a batch": {20, func(ctx context.Context, tx pgx.Tx) error {
			var b pgx.Batch
			b.Queue(`SELECT 1`)
			return hidden(tx.SendBatch(ctx, &b).Close())
		}},
		"by COPY": {20, func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.CopyFrom(ctx, pgx.Identifier{"item"}, []string{"n"}, pgx.CopyFromRows(nil))
			return hidden(err)
		}},
		"by a statement whose error is ignored": {20, func(ctx context.Context, tx pgx.Tx) error {
			_, _ = tx.Exec(ctx, `SELECT 1`)
			return nil
		}},
	} {
		err := target.Update(within(t), move("lane/0", "", "1"), func(ctx context.Context, tx pgx.Tx) error {
			for n := range c.events {
				if err := pgxtarget.Queue(ctx, tx, at(n), `INSERT INTO item VALUES ($1)`, n); err != nil {
					return hidden(err)
				}
			}
			return c.then(ctx, tx)
		})
		var of *projection.EventError
		if !errors.As(err, &of) || of.Position != 13 {
			t.Errorf("%s: got %v, want an error of the event at 13", what, err)
		}
		equal(t, what, target.Fault(err), projection.FaultEvent)
		equal(t, "entry", d.entry(target, "lane/0"), "")
	}
	equal(t, "rows", d.count(`SELECT count(*) FROM item`), 0)
}

func nothing(context.Context, pgx.Tx) error { return nil }

// hidden is what a handler may make of an error: one of the event in hand.
func hidden(err error) error {
	if err == nil {
		return nil
	}
	return &projection.EventError{Position: 99, Err: errors.New("something went wrong")}
}

// An error that may be of any of them names none.
func TestQueueBlamesNobodyByGuess(t *testing.T) {
	t.Parallel()
	type queued struct {
		sql  string
		args []any
	}
	const insert = `INSERT INTO item VALUES ($1)`
	for what, c := range map[string]struct {
		mode pgx.QueryExecMode
		bad  queued
	}{
		"cannot be encoded":              {pgx.QueryExecModeCacheStatement, queued{insert, []any{struct{}{}}}},
		"cannot be encoded in exec mode": {pgx.QueryExecModeExec, queued{insert, []any{struct{}{}}}},
		"cannot be encoded as text":      {pgx.QueryExecModeSimpleProtocol, queued{insert, []any{struct{}{}}}},
		"cannot be prepared":             {pgx.QueryExecModeCacheStatement, queued{`INSERT INTO item VALUES (1, 2, 3)`, nil}},
		"cannot be parsed":               {pgx.QueryExecModeSimpleProtocol, queued{`INSERT ITEM`, nil}},
		"deferred":                       {pgx.QueryExecModeCacheStatement, queued{insert, []any{1}}},
	} {
		t.Run(what, func(t *testing.T) {
			d := newDatabase(t)
			d.do(`CREATE TABLE item (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)`)
			target := d.target(mode(c.mode))
			err := target.Update(within(t), move("lane/0", "", "1"), func(ctx context.Context, tx pgx.Tx) error {
				return errors.Join(
					pgxtarget.Queue(ctx, tx, at(1), insert, 1),
					pgxtarget.Queue(ctx, tx, at(2), c.bad.sql, c.bad.args...),
					pgxtarget.Queue(ctx, tx, at(3), insert, 3))
			})
			var of *projection.EventError
			if err == nil || errors.As(err, &of) {
				t.Errorf("got %v, want an error of no event", err)
			}
			if got := target.Fault(err); got != projection.FaultEvent {
				t.Errorf("Fault(%v) is %v", err, got)
			}
			equal(t, "rows", d.count(`SELECT count(*) FROM item`), 0)
			equal(t, "entry", d.entry(target, "lane/0"), "")
		})
	}
}

// A transaction that is no target's executes at once, so that handlers can be
// tested with any.
func TestQueueWithAnyTransaction(t *testing.T) {
	d := newDatabase(t)
	d.do(`CREATE TABLE item (n int PRIMARY KEY)`)
	err := pgx.BeginFunc(within(t), d.pool(), func(tx pgx.Tx) error {
		if err := pgxtarget.Queue(within(t), tx, nil, `INSERT INTO item VALUES ($1)`, 1); err != nil {
			return err
		}
		return pgxtarget.Queue(within(t), tx, nil, `INSERT INTO item VALUES ($1)`, 1)
	})
	var violated *pgconn.PgError
	if !errors.As(err, &violated) || violated.Code != "23505" {
		t.Errorf("got %v, want a violated key", err)
	}
}
