package pgxtarget

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/sqltarget"
)

// pause is how long readers are let through who stand in the way of a change.
const pause = 100 * time.Millisecond

// Publish makes each table's plain name a view of that table of a build, in the
// transaction of the change. It waits for readers, and lets them pass, for as
// long as the context lasts.
func (t *Target) Publish(ctx context.Context, c projection.Change, tables []string, to projection.Names) error {
	sql, err := sqltarget.PostgresPublish(tables, to)
	if err != nil {
		return err
	}
	return t.define(ctx, c, sql)
}

// Discard removes the tables of a build, in the transaction of the change. It
// waits for readers as Publish does. Tables that readers see, or that other
// objects depend on, fail.
func (t *Target) Discard(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
	sql, err := sqltarget.PostgresDiscard(tables, of)
	if err != nil {
		return err
	}
	return t.define(ctx, c, sql)
}

var _ projection.Withdrawer = (*Target)(nil)

// Withdraw removes the views that stand for the plain names of tables, in the
// transaction of the change. Names that are not a view's are left alone.
func (t *Target) Withdraw(ctx context.Context, c projection.Change, tables []string) error {
	sql, err := sqltarget.PostgresWithdraw(tables)
	if err != nil {
		return err
	}
	return t.define(ctx, c, sql)
}

// define changes what tables and views there are.
func (t *Target) define(ctx context.Context, c projection.Change, sql string) error {
	for {
		err := t.Update(ctx, c, func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, sql)
			return err
		})
		if !sqltarget.PostgresWaiting(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}
