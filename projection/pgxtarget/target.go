package pgxtarget

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/sqltarget"
)

// undoing is how long a transaction is given to be taken back in the open. Then
// its connection is closed, which takes it back too.
const undoing = 5 * time.Second

var (
	_ projection.Target[pgx.Tx] = (*Target)(nil)
	_ projection.Publisher      = (*Target)(nil)
)

// A Target keeps read models, and the bookkeeping beside them, in a PostgreSQL
// database. It has nothing to close; the pool belongs to the caller. All methods
// may be called concurrently, in any number of processes.
type Target struct{ pool *pgxpool.Pool }

// New returns a target over the database that a pool connects to. Each lane of a
// projection holds one connection while it writes, and while it has nothing to
// write it holds none; if the pool is exhausted it waits.
func New(pool *pgxpool.Pool) *Target { return &Target{pool} }

// Traits returns that rows and entries change together.
func (*Target) Traits() projection.Traits {
	return projection.Traits{Transactional: true, Undoes: true}
}

// Entries returns the entries whose key begins with prefix.
func (t *Target) Entries(ctx context.Context, prefix string) ([]projection.Entry, error) {
	entries, err := t.entries(ctx, prefix)
	if sqltarget.PostgresMissing(err) {
		return nil, nil
	}
	return entries, ended(ctx, err)
}

// entries reads from prefix on and before what is behind all keys that begin so,
// whose characters all come before DEL.
func (t *Target) entries(ctx context.Context, prefix string) ([]projection.Entry, error) {
	conn, err := t.acquire(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Release()
	rows, _ := conn.Query(ctx, sqltarget.PostgresEntries, prefix, prefix+"\x7f") // CollectRows returns its error
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[projection.Entry])
	if err != nil {
		return nil, &ownError{"read entries", err}
	}
	return all, nil
}

func (t *Target) acquire(ctx context.Context) (*pgxpool.Conn, error) {
	conn, err := t.pool.Acquire(ctx)
	if err != nil {
		return nil, &ownError{"connect", err}
	}
	return conn, nil
}

// Apply makes a change without rows.
func (t *Target) Apply(ctx context.Context, c projection.Change) error {
	return t.Update(ctx, c, func(context.Context, pgx.Tx) error { return nil })
}

// Update runs fn and makes a change in one transaction. If the context ends before
// it is committed it is undone, and the error is the context's cause. The
// transaction is committed or undone by Update only; fn may use savepoints, by way
// of tx.Begin. It must have closed the rows it reads when it returns.
func (t *Target) Update(ctx context.Context, c projection.Change, fn func(ctx context.Context, tx pgx.Tx) error) error {
	return ended(ctx, t.update(ctx, c, fn))
}

func (t *Target) update(ctx context.Context, c projection.Change, fn func(ctx context.Context, tx pgx.Tx) error) error {
	if err := sqltarget.Check(c); err != nil {
		return err
	}
	conn, err := t.acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	defer undo(ctx, conn.Conn())
	begun, err := open(ctx, conn.Conn(), c)
	if err != nil {
		return err
	}
	tx := &transaction{Tx: begun}
	defer tx.close()
	if err := fn(ctx, tx); err != nil {
		return tx.blame(err)
	}
	return tx.finish(ctx)
}

// undo takes back what was not committed. If it cannot, the pool closes the
// connection, and the server takes it back.
func undo(ctx context.Context, conn *pgx.Conn) {
	if conn.IsClosed() || conn.PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoing)
	defer cancel()
	_, _ = conn.Exec(ctx, "rollback")
}
