package pgxtarget_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/pgxtarget"
)

// slowCommits makes commits wait for as long as the test holds a lock.
func (d *database) slowCommits() (release func()) {
	d.do(`CREATE TABLE item (n int)`)
	d.do(`CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('` + d.schema + `')); RETURN NULL; END $$`)
	d.do(`CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()`)
	d.do(`SELECT pg_advisory_lock(hashtext($1))`, d.schema)
	return func() { d.do(`SELECT pg_advisory_unlock(hashtext($1))`, d.schema) }
}

// committing waits until somebody waits in a commit.
func (d *database) committing() {
	d.Helper()
	const waits = `SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event = 'advisory'`
	for begin := time.Now(); d.count(waits, d.schema+" slow") == 0; {
		if time.Since(begin) > time.Minute {
			d.Fatal("nobody commits")
		}
	}
}

// What happens in the middle of a commit undoes it, or not; the entry tells.
func TestMiddleOfCommit(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	for what, c := range map[string]struct {
		happens   func(d *database, cancel func(error))
		committed bool
		check     func(t *testing.T, l projection.Ledger, err error)
	}{
		"nothing": {func(*database, func(error)) {}, true, func(t *testing.T, _ projection.Ledger, err error) { equal(t, "error", err, nil) }},
		"the server ends the connection": {
			func(d *database, _ func(error)) { d.terminate(d.schema + " slow") }, false,
			func(t *testing.T, l projection.Ledger, err error) {
				fault(t, "terminated", l, err, projection.FaultDown)
			},
		},
		"the context ends": {
			func(_ *database, cancel func(error)) { cancel(enough) }, false,
			func(t *testing.T, _ projection.Ledger, err error) {
				equal(t, "it is the cause", errors.Is(err, enough), true)
			},
		},
	} {
		t.Run(what, func(t *testing.T) {
			d := newDatabase(t)
			release := d.slowCommits()
			target := d.target(name(d.schema + " slow"))
			ctx, cancel := context.WithCancelCause(within(t))
			defer cancel(nil)
			done := make(chan error, 1)
			go func() {
				done <- target.Update(ctx, move("lane/0", "", "1"), func(ctx context.Context, tx pgx.Tx) error {
					return pgxtarget.Queue(ctx, tx, at(1), `INSERT INTO item VALUES (1)`)
				})
			}()
			d.committing()
			c.happens(d, cancel)
			if c.committed {
				release()
			}
			c.check(t, target, <-done)
			if !c.committed {
				d.terminate(d.schema + " slow") // who was canceled may not have noticed yet
				release()
			}
			equal(t, "rows", d.count(`SELECT count(*) FROM item`) == 1, c.committed)
			equal(t, "entry", d.entry(d.target(), "lane/0") == "1", c.committed)
		})
	}
}
