package sqltarget_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn/projection"
)

// Readers poll all the while that builds take each other's place, with statements
// that were prepared before, and with new ones. None meets an error, sees a build
// older than one that it saw before, or half of one.
func TestReadersThroughSwitches(t *testing.T) {
	switches := 30
	if testing.Short() {
		switches = 10
	}
	each(t, func(t *testing.T, db *database) {
		tables := []string{"item", "other"}
		db.build(t, 1, "n int", tables...)
		db.publish(t, 1, tables...)
		ctx, cancel := context.WithCancel(t.Context())
		var readers sync.WaitGroup
		reads := &tally{news: make(chan struct{}, 1)}
		read := func(read func(context.Context, ...any) *sql.Row) {
			readers.Go(func() { defer cancel(); ok(t, reads.follow(ctx, read)) })
		}
		for _, query := range []string{`SELECT n, n FROM item`, `SELECT min(n), max(n) FROM (SELECT n FROM item UNION ALL SELECT n FROM other) AS both_of_them`} {
			prepared, err := db.pool(t).Prepare(query)
			if err != nil {
				t.Fatal(err)
			}
			read(prepared.QueryRowContext)
			fresh := db.pool(t)
			read(func(ctx context.Context, _ ...any) *sql.Row { return fresh.QueryRowContext(ctx, query) })
		}
		for n := 2; n < 2+switches; n++ {
			db.build(t, n, "n int", tables...)
			db.publish(t, n, tables...)
			reads.wait(ctx, int64(4*n))
			if n%3 == 0 {
				ok(t, db.target.Discard(t.Context(), projection.Change{}, tables, projection.Names{Build: n - 2}))
			}
		}
		cancel()
		readers.Wait()
		t.Logf("%d switches, %d reads", switches, reads.n.Load())
		db.shows(t, "other", 1+switches)
	})
}

// A tally counts reads.
type tally struct {
	n    atomic.Int64
	news chan struct{} // has something in it after a read
}

// wait returns when there were so many, or ctx has ended.
func (r *tally) wait(ctx context.Context, n int64) {
	for r.n.Load() < n {
		select {
		case <-r.news:
		case <-ctx.Done():
			return
		}
	}
}

// follow reads until ctx ends.
func (r *tally) follow(ctx context.Context, read func(context.Context, ...any) *sql.Row) error {
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	for seen := 0; ; r.n.Add(1) {
		select {
		case r.news <- struct{}{}:
		default:
		}
		select {
		case <-every.C:
		case <-ctx.Done():
		}
		var low, high int
		err := read(ctx).Scan(&low, &high)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return err
		case low != high:
			return fmt.Errorf("half of build %d and half of build %d", low, high)
		case low < seen:
			return errors.New("back in time")
		}
		seen = low
	}
}
