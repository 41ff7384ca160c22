package pgxtarget

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/sqltarget"
)

// open begins a transaction and changes the entries, in one round trip. If the
// table is not there yet it is made.
func open(ctx context.Context, conn *pgx.Conn, c projection.Change) (pgx.Tx, error) {
	tx, err := begin(ctx, conn, c)
	if !sqltarget.PostgresMissing(err) {
		return tx, err
	}
	undo(ctx, conn)
	if _, err := conn.Exec(ctx, sqltarget.PostgresMake); err != nil {
		return nil, &ownError{"make the table cairn_projection", err}
	}
	return begin(ctx, conn, c)
}

// begin does the same where the table is there.
func begin(ctx context.Context, conn *pgx.Conn, c projection.Change) (pgx.Tx, error) {
	var batch pgx.Batch
	var moved string
	batch.BeginTx(pgx.TxOptions{})
	for _, s := range steps(c) {
		q := batch.Queue(s.sql, s.args...)
		q.Exec(func(tag pgconn.CommandTag) error {
			if s.must && tag.RowsAffected() == 0 {
				moved = cmp.Or(moved, s.key)
			}
			return nil
		})
	}
	results := conn.SendBatch(ctx, &batch)
	if err := results.Close(); err != nil {
		return nil, &ownError{"begin and change the entries", err}
	}
	if moved != "" {
		return nil, fmt.Errorf("%w: %q", projection.ErrMoved, moved)
	}
	return results.Tx(), nil
}

// A step changes, or only holds, one entry.
type step struct {
	key  string
	sql  string
	args []any
	must bool // the entry has moved if no row was met
}

// The statements of steps, beside those of sqltarget, by which an entry is changed
// if it stands as expected, and locked. An empty value is no entry.
const (
	hold = `SELECT FROM cairn_projection WHERE id = $1 AND value = $2 FOR SHARE`
	move = `UPDATE cairn_projection SET value = $3 WHERE id = $1 AND value = $2`
	drop = `DELETE FROM cairn_projection WHERE id = $1 AND value = $2`
	add  = `INSERT INTO cairn_projection AS was (id, value) VALUES ($1, $2)` +
		` ON CONFLICT (id) DO UPDATE SET value = excluded.value WHERE was.value = ''`
)

// steps are a change, ordered by key, so that two of them cannot deadlock.
func steps(c projection.Change) (all []step) {
	put := map[string]string{}
	for _, e := range c.Put {
		put[e.Key] = e.Value
	}
	for _, e := range c.Expect {
		value, changes := put[e.Key]
		all = append(all, expect(e, value, changes)...)
	}
	for _, e := range c.Expect {
		delete(put, e.Key)
	}
	for key, value := range put {
		if value == "" {
			all = append(all, step{key: key, sql: sqltarget.PostgresRemove, args: []any{key}})
			continue
		}
		all = append(all, step{key: key, sql: sqltarget.PostgresPut, args: []any{key, value}})
	}
	slices.SortStableFunc(all, func(a, b step) int { return cmp.Compare(a.key, b.key) })
	return all
}

// expect are the steps of an entry that must stand as it is told, and is then put
// if it changes. An entry that must not be there, and is not put either, is made
// and removed: who else would make it waits for this transaction.
func expect(e projection.Entry, put string, changes bool) []step {
	must := func(sql string, args ...any) step { return step{e.Key, sql, append([]any{e.Key}, args...), true} }
	switch {
	case e.Value == "" && put != "":
		return []step{must(add, put)}
	case e.Value == "":
		return []step{must(add, ""), {key: e.Key, sql: sqltarget.PostgresRemove, args: []any{e.Key}}}
	case !changes:
		return []step{must(hold, e.Value)}
	case put == "":
		return []step{must(drop, e.Value)}
	}
	return []step{must(move, e.Value, put)}
}
