package pgxtarget_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cairndb/cairn/projection"
)

// Publish waits for a reader who takes long, in turns, and ends with its context.
func TestPublishWaitsForReaders(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	target := d.target(name(d.schema + " publisher"))
	for _, build := range []string{"item_b1", "item_b2"} {
		d.do(`CREATE TABLE ` + build + ` (n int)`)
	}
	tables := []string{"item"}
	equal(t, "Publish", target.Publish(within(t), move("deployment", "", "1"), tables, projection.Names{Build: 1}), nil)
	reader, err := d.pool().Begin(within(t))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "reading", readItem(within(t), reader), nil)
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(within(t))
	published := make(chan error, 1)
	publish := func(ctx context.Context) {
		published <- target.Publish(ctx, move("deployment", "1", "2"), tables, projection.Names{Build: 2})
	}
	go publish(ctx)
	d.waits(1)
	cancel(enough)
	equal(t, "it ends with its context", errors.Is(<-published, enough), true)
	go publish(within(t))
	d.waits(1)
	d.waits(0) // it lets others pass
	d.waits(1)
	equal(t, "the reader's end", reader.Commit(within(t)), nil)
	equal(t, "Publish", <-published, nil)
	equal(t, "entry", d.entry(target, "deployment"), "2")
}

// waits waits until so many publishers wait for a lock.
func (d *database) waits(n int64) {
	d.Helper()
	const waiting = `SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`
	for begin := time.Now(); d.count(waiting, d.schema+" publisher") != n; {
		if time.Since(begin) > time.Minute {
			d.Fatalf("there were never %d that wait", n)
		}
	}
}
