package sqltarget

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/cairndb/cairn/projection"
)

// Apply makes a change on its own.
func (t *Target) Apply(ctx context.Context, c projection.Change) error {
	return t.Update(ctx, c, nil)
}

// Update runs fn and makes a change, in one transaction.
func (t *Target) Update(ctx context.Context, c projection.Change, fn func(ctx context.Context, tx *sql.Tx) error) error {
	if err := Check(c); err != nil {
		return err
	}
	return ended(ctx, t.made(ctx, func() error {
		return t.transact(ctx, c, func(tx *sql.Tx) error { return t.update(ctx, tx, c, fn) })
	}))
}

// made does something that needs the ledger, which is made if it is missing.
func (t *Target) made(ctx context.Context, do func() error) error {
	err := do()
	if err == nil || !isOwn(err) || !t.d.missing(err) {
		return err
	}
	if _, err := t.db.ExecContext(ctx, t.d.make); err != nil {
		return &ownError{"make the table cairn_projection", err}
	}
	return do()
}

// transact runs fn in a transaction. It returns when the connection is free again,
// also if ctx has ended.
func (t *Target) transact(ctx context.Context, c projection.Change, fn func(tx *sql.Tx) error) error {
	conn, err := t.db.Conn(ctx)
	if err != nil {
		return &ownError{"connect", err}
	}
	defer conn.Close()
	if t.d.before != "" {
		if _, err := conn.ExecContext(ctx, t.d.before); err != nil {
			return &ownError{"begin", err}
		}
		defer t.restore(ctx, conn, t.d.after)
	}
	if key := absent(c); t.d.guard != "" && key != "" {
		if err := t.guard(ctx, conn, key); err != nil {
			return err
		}
		defer t.restore(ctx, conn, t.d.unguard, key)
	}
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return &ownError{"begin", err}
	}
	defer tx.Rollback() // also if fn panics; after a commit it does nothing
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// restore makes the connection as it was, or has it thrown away.
func (t *Target) restore(ctx context.Context, conn *sql.Conn, query string, args ...any) {
	if _, err := conn.ExecContext(ctx, query, args...); err != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
}

// update is what happens in the transaction of an update.
func (t *Target) update(ctx context.Context, tx *sql.Tx, c projection.Change, fn func(ctx context.Context, tx *sql.Tx) error) error {
	if fn == nil {
		if err := t.begin(ctx, tx, c); err != nil {
			return err
		}
		return t.d.write(ctx, tx, c)
	}
	mark := "tx/" + rand.Text()
	if err := t.begin(ctx, tx, c, mark); err != nil {
		return err
	}
	if err := fn(ctx, tx); err != nil {
		return err
	}
	if err := t.still(ctx, tx, c, mark); err != nil {
		return err
	}
	return t.d.write(ctx, tx, c)
}

// begin takes the locks of a change, and sets marks if the dialect needs them.
func (t *Target) begin(ctx context.Context, tx *sql.Tx, c projection.Change, marks ...string) error {
	err := t.mark(ctx, tx, marks)
	if err == nil && len(c.Expect) == 0 {
		_, err = tx.ExecContext(ctx, t.d.touch)
	}
	if err == nil {
		err = t.d.expect(ctx, tx, c)
	}
	if err == nil || errors.Is(err, projection.ErrMoved) {
		return err
	}
	return &ownError{"look at the entries", err}
}

// mark sets a mark that is gone if the transaction is undone. In SQLite it is also
// what takes the right to write.
func (t *Target) mark(ctx context.Context, tx *sql.Tx, marks []string) error {
	if !t.d.undoes {
		return nil
	}
	for _, mark := range marks {
		if _, err := tx.ExecContext(ctx, t.d.hold, mark); err != nil {
			return err
		}
	}
	return nil
}

// still looks whether what the handler found at its beginning still is: that the
// transaction was not undone, and, where it may have been committed, that nobody
// has changed the entries since.
func (t *Target) still(ctx context.Context, tx *sql.Tx, c projection.Change, mark string) error {
	if !t.d.undoes {
		return nil
	}
	result, err := tx.ExecContext(ctx, t.d.remove, mark)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n != 1 {
		return errors.Join(errUndone, err)
	}
	if !t.d.commits {
		return nil
	}
	return t.d.expect(ctx, tx, c)
}
