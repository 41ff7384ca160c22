package sqltarget

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// Publish makes each table's plain name a view of that table of a build. If
// somebody reads for long from a view that is to be replaced, it gives way to other
// readers and tries again until ctx ends.
func (t *Target) Publish(ctx context.Context, c projection.Change, tables []string, to projection.Names) error {
	return t.switchover(ctx, c, func(on statements) error { return t.d.publish(ctx, on, tables, to) })
}

// Discard removes the tables of a build, if they are there. Tables that are
// published fail, and so does what anything else depends on.
func (t *Target) Discard(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
	return t.switchover(ctx, c, func(on statements) error { return t.d.discard(ctx, on, tables, of) })
}

// The pauses after a lock was not to be had in time double.
const (
	firstPause = 50 * time.Millisecond
	mostPause  = 2 * time.Second
)

// switchover does something about tables, with a change.
func (t *Target) switchover(ctx context.Context, c projection.Change, do func(on statements) error) error {
	if err := Check(c); err != nil {
		return err
	}
	once := t.together
	if t.d.commits {
		once = t.beside
	}
	for most := firstPause; ; most = min(2*most, mostPause) {
		err := t.made(ctx, func() error { return once(ctx, c, do) })
		if err == nil || !t.d.waiting(err) || !pause(ctx, most/2+rand.N(most/2)) {
			return ended(ctx, err)
		}
	}
}

// pause reports whether it came to its end before ctx did.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// together does it in the transaction of the change.
func (t *Target) together(ctx context.Context, c projection.Change, do func(on statements) error) error {
	return t.transact(ctx, c, func(tx *sql.Tx) error {
		if err := t.begin(ctx, tx, c); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		return t.d.write(ctx, tx, c)
	})
}

// beside does it on a second connection, as it would commit the transaction of the
// change, which keeps the expected entries locked meanwhile.
func (t *Target) beside(ctx context.Context, c projection.Change, do func(on statements) error) error {
	if t.db.Stats().MaxOpenConnections == 1 {
		return &cairn.InvalidError{Field: "db.MaxOpenConns", Problem: "must be 2 or more: publishing and dropping tables use a second connection"}
	}
	second, err := t.second(ctx)
	if err != nil {
		return err
	}
	defer second.Close()
	defer func() { <-t.pair }()
	return t.transact(ctx, c, func(tx *sql.Tx) error {
		if err := t.begin(ctx, tx, c); err != nil {
			return err
		}
		if err := hasty(ctx, second, func() error { return do(second) }); err != nil {
			return err
		}
		return t.d.write(ctx, tx, c)
	})
}
