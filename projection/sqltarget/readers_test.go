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
		var reads atomic.Int64
		for _, query := range []string{`SELECT n, n FROM item`, `SELECT min(n), max(n) FROM (SELECT n FROM item UNION ALL SELECT n FROM other) AS both_of_them`} {
			prepared, err := db.pool(t).Prepare(query)
			if err != nil {
				t.Fatal(err)
			}
			readers.Go(func() { ok(t, follow(ctx, prepared.QueryRowContext, &reads)) })
			fresh := db.pool(t)
			readers.Go(func() {
				ok(t, follow(ctx, func(ctx context.Context, _ ...any) *sql.Row { return fresh.QueryRowContext(ctx, query) }, &reads))
			})
		}
		for n := 2; n < 2+switches; n++ {
			db.build(t, n, "n int", tables...)
			db.publish(t, n, tables...)
			if n%3 == 0 {
				ok(t, db.target.Discard(t.Context(), projection.Change{}, tables, projection.Names{Build: n - 2}))
			}
		}
		cancel()
		readers.Wait()
		t.Logf("%d switches, %d reads", switches, reads.Load())
		db.shows(t, "other", 1+switches)
	})
}

// follow reads until ctx ends.
func follow(ctx context.Context, read func(context.Context, ...any) *sql.Row, reads *atomic.Int64) error {
	every := time.NewTicker(5 * time.Millisecond)
	defer every.Stop()
	for seen := 0; ; reads.Add(1) {
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
