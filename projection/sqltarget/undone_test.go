package sqltarget_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/cairndb/cairn/projection"
)

// A handler goes on although it was told of a deadlock, by which the database has
// undone what it did before. Neither what it does then nor the entry is kept.
func TestSwallowedDeadlock(t *testing.T) {
	for _, k := range []kind{onPostgres, onMySQL} {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			db := k.database(t)
			exec(t, db, `CREATE TABLE clash (k int PRIMARY KEY, n int)`)
			exec(t, db, `INSERT INTO clash VALUES (1, 0), (2, 0), (3, 0)`)
			ok(t, db.target.Apply(t.Context(), projection.Change{Put: []projection.Entry{{Key: "a", Value: "1"}, {Key: "b", Value: "1"}}}))
			var met, all sync.WaitGroup
			met.Add(2)
			failures := make([]error, 2)
			for i, order := range [][2]int{{1, 2}, {2, 1}} {
				all.Go(func() {
					failures[i] = db.target.Update(t.Context(), change([]string{"a", "b"}[i], "1", "2"), crossing(order, sync.OnceFunc(func() { met.Done(); met.Wait() })))
				})
			}
			all.Wait()
			lost := 0
			for i, key := range []string{"a", "b"} {
				if failures[i] != nil {
					lost++
					db.holds(t, key, "1")
				} else {
					db.holds(t, key, "2")
				}
			}
			equal(t, fmt.Sprint("losers: ", failures), lost, 1)
			equal(t, "rows", one[int](t, db.DB, `SELECT sum(n) FROM clash WHERE k < 3`), 2)
			equal(t, "what was written after all was undone", one[int](t, db.DB, `SELECT n FROM clash WHERE k = 3`), 1)
			if k.driver == "mysql" {
				equal(t, "fault", db.target.Fault(errors.Join(failures...)), projection.FaultAgain)
			}
		})
	}
}

// crossing changes two rows, meets somebody after the first, and then a third one
// whatever was said.
func crossing(order [2]int, meet func()) func(ctx context.Context, tx *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		for _, k := range order {
			_, _ = tx.ExecContext(ctx, fmt.Sprintf(`UPDATE clash SET n = n + 1 WHERE k = %d`, k))
			meet()
		}
		_, _ = tx.ExecContext(ctx, `UPDATE clash SET n = n + 1 WHERE k = 3`)
		return nil
	}
}

// Statements about tables commit in MySQL. Another one that sets up the same
// meanwhile is not overrun.
func TestImplicitCommit(t *testing.T) {
	db := onMySQL.database(t)
	begin := func(ctx context.Context, tx *sql.Tx) error { return db.makeAgain(ctx, tx) }
	ok(t, db.target.Update(t.Context(), change("a", "", "1"), begin))
	db.holds(t, "a", "1")
	err := db.target.Update(t.Context(), change("a", "1", "2"), func(ctx context.Context, tx *sql.Tx) error {
		if err := begin(ctx, tx); err != nil {
			return err
		}
		return db.target.Apply(ctx, change("a", "1", "3")) // the first one's lock is gone
	})
	if !errors.Is(err, projection.ErrMoved) {
		t.Errorf("got %v", err)
	}
	db.holds(t, "a", "3")
	// What comes behind the commit is one transaction again.
	no := errors.New("no paper")
	err = db.target.Update(t.Context(), change("a", "3", "4"), func(ctx context.Context, tx *sql.Tx) error {
		if err := begin(ctx, tx); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO item_b1 VALUES ('x', 1)`)
		return errors.Join(err, no)
	})
	if !errors.Is(err, no) {
		t.Errorf("got %v", err)
	}
	equal(t, "rows", one[int](t, db.DB, `SELECT count(*) FROM item_b1`), 0)
	// One that was cut short has left the absence it locked: that is no entry.
	exec(t, db, `INSERT INTO cairn_projection VALUES ('b', '')`)
	db.holds(t, "b", "")
	ok(t, db.target.Update(t.Context(), change("b", "", "1"), begin))
	db.holds(t, "b", "1")
	equal(t, "entries", one[int](t, db.DB, `SELECT count(*) FROM cairn_projection WHERE value <> ''`), 2)
}

func (db *database) makeAgain(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS item_b1 (k varchar(20) PRIMARY KEY, n bigint)`)
	return err
}

// The pool's connections are as they were: a statement of somebody else commits.
func TestConnectionsAreGivenBackAsTheyWere(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		db.SetMaxOpenConns(2)
		exec(t, db, `CREATE TABLE item (n int)`)
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("enough")
		err := db.target.Update(ctx, put("a", "1"), func(context.Context, *sql.Tx) error { cancel(why); return ctx.Err() })
		if !errors.Is(err, why) {
			t.Errorf("got %v", err)
		}
		for n := range 10 {
			value := fmt.Sprint(n)
			ok(t, db.target.Update(t.Context(), put("a", value), func(ctx context.Context, tx *sql.Tx) error { return nil }))
			if n%2 == 0 {
				func() {
					defer func() { recover() }()
					_ = db.target.Update(t.Context(), put("a", "x"), func(context.Context, *sql.Tx) error { panic("no paper") })
				}()
			}
			exec(t, db, `INSERT INTO item VALUES (1)`)
		}
		db.holds(t, "a", "9")
		equal(t, "rows", one[int](t, db.pool(t), `SELECT count(*) FROM item`), 10)
	})
}

// A handler that ends the transaction is told so, and is not run again.
func TestHandlerThatCommits(t *testing.T) {
	each(t, func(t *testing.T, db *database) {
		ok(t, db.target.Apply(t.Context(), put("a", "1")))
		err := db.target.Update(t.Context(), change("a", "1", "2"), func(_ context.Context, tx *sql.Tx) error { return tx.Commit() })
		equal(t, fmt.Sprint(err), db.target.Fault(err), projection.FaultSetup)
		db.holds(t, "a", "1")
	})
}
