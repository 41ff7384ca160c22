package pgxtarget

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/cairndb/cairn/projection"
)

// most is how many statements wait in a queue at most.
const most = 1024

// Queue has a statement of an event executed with others, so that the handler does
// not wait for the server: when the transaction is about to be committed, when
// many have gathered, or when the transaction is used for anything else, so that
// a query sees what was queued before it. What the statement would return is lost.
//
// If a statement fails, the error says which event it was queued for; at may be
// nil if it is for none. The statement must be a single one, and cannot use a table
// that another one in the queue makes. Its arguments must not change until the
// transaction has ended.
//
// With a transaction that is not of a [Target], or is a savepoint of one, the
// statement is executed at once.
func Queue(ctx context.Context, tx pgx.Tx, at *projection.Event, sql string, args ...any) error {
	t, ok := tx.(*transaction)
	if !ok {
		_, err := tx.Exec(ctx, sql, args...)
		return err
	}
	t.batch.Queue(sql, args...)
	t.events = append(t.events, at)
	if len(t.events) < most {
		return nil
	}
	return t.flush(ctx)
}
