package pgxtarget

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/cairndb/cairn/projection"
)

// errEnds is the error of a handler's trying to end the transaction.
var errEnds = errors.New("pgxtarget: the transaction is committed or undone with the checkpoint, not by a handler; use tx.Begin for a savepoint")

// A transaction is what handlers are given: pgx's own, and a queue that is sent
// before anything else is. Once sending it has failed, that error is the
// transaction's, whatever else goes wrong after it.
type transaction struct {
	pgx.Tx
	batch  pgx.Batch
	events []*projection.Event // what the statements in the batch are for
	failed error
}

// flush sends the queue, with statements behind it that are for no event.
func (t *transaction) flush(ctx context.Context, after ...string) error {
	for _, sql := range after {
		t.batch.Queue(sql)
	}
	if t.failed != nil || t.batch.Len() == 0 {
		return t.failed
	}
	batch, events := t.batch, t.events
	t.batch, t.events = pgx.Batch{}, t.events[:0]
	t.failed = send(ctx, t.Conn(), &batch, events)
	return t.failed
}

// send sends a batch, and says which event it was that failed.
func send(ctx context.Context, conn *pgx.Conn, batch *pgx.Batch, events []*projection.Event) error {
	results := conn.SendBatch(ctx, batch)
	for i := range batch.Len() {
		tag, err := results.Exec()
		if err == nil && i >= len(events) && tag.String() == "ROLLBACK" {
			err = errAborted
		}
		if err != nil {
			_ = results.Close() // with the same error
			if i < len(events) && events[i] != nil && certain(conn, err) {
				err = &projection.EventError{Position: events[i].Position, Err: err}
			}
			return err
		}
	}
	return results.Close()
}

// certain reports whether an error is of the statement it came with. Arguments that
// cannot be encoded and statements that cannot be prepared fail a batch as a whole,
// and so does, in the simple protocol, one that cannot be parsed.
func certain(conn *pgx.Conn, err error) bool {
	var whole pgx.ErrPreprocessingBatch
	var own *pgconn.PgError
	return errors.As(err, &own) && !errors.As(err, &whole) && conn.Config().DefaultQueryExecMode != pgx.QueryExecModeSimpleProtocol
}

// errEnded is the error of a handler that has ended the transaction by a statement.
var errEnded = errors.New("pgxtarget: the handler has ended the transaction, which is the target's to end; use tx.Begin for a savepoint")

// errAborted is the error of committing after a statement has failed.
var errAborted = errors.New("pgxtarget: a statement failed and the handler went on, which PostgreSQL does not allow; return the error, or use tx.Begin for a savepoint")

// finish sends the queue and commits.
func (t *transaction) finish(ctx context.Context) error {
	if t.failed != nil {
		return t.failed
	}
	switch t.Conn().PgConn().TxStatus() {
	case 'I':
		return errEnded
	case 'E':
		return errAborted
	}
	return t.flush(ctx, "commit")
}

// blame is the error of a transaction whose handler returned one: that of the
// queue if it came first.
func (t *transaction) blame(err error) error {
	if t.failed != nil {
		return t.failed
	}
	return err
}

// close ends the use of the transaction, by a handler that has kept it.
func (t *transaction) close() { t.failed = pgx.ErrTxClosed }
