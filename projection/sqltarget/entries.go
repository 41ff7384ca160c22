package sqltarget

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"

	"github.com/cairndb/cairn/projection"
)

// statements is what runs them: a transaction, or a connection.
type statements interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// expect locks the entries of a change, in order so that no two transactions wait
// for each other, and fails with ErrMoved if one does not stand as it says.
func (d *dialect) expect(ctx context.Context, tx statements, c projection.Change) error {
	entries := slices.SortedFunc(slices.Values(c.Expect), func(a, b projection.Entry) int { return cmp.Compare(a.Key, b.Key) })
	for _, e := range entries {
		if e.Value == "" {
			if _, err := tx.ExecContext(ctx, d.hold, e.Key); err != nil {
				return err
			}
		}
		if err := d.look(ctx, tx, e); err != nil {
			return err
		}
	}
	return nil
}

// look locks one entry. One that is expected not to be there is: it is empty. If it
// was removed since, it was there a moment ago.
func (d *dialect) look(ctx context.Context, tx statements, e projection.Entry) error {
	var value string
	err := tx.QueryRowContext(ctx, d.lock, e.Key).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) || err == nil && value != e.Value {
		return moved(e.Key)
	}
	return err
}

// write sets the entries of a change. Absences that were locked and did not become
// entries are let go.
func (d *dialect) write(ctx context.Context, tx statements, c projection.Change) error {
	last := map[string]string{}
	for _, e := range c.Expect {
		if e.Value == "" {
			last[e.Key] = ""
		}
	}
	for _, e := range c.Put {
		last[e.Key] = e.Value
	}
	for _, key := range slices.Sorted(maps.Keys(last)) {
		if last[key] != "" {
			continue
		}
		if _, err := tx.ExecContext(ctx, d.remove, key); err != nil {
			return err
		}
	}
	return d.putAll(ctx, tx, last)
}
