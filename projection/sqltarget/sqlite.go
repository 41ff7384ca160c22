package sqltarget

import (
	"context"
	"strings"

	"github.com/cairndb/cairn/projection"
)

// SQLiteMake makes the ledger in SQLite. Several may do it at a time.
const SQLiteMake = `CREATE TABLE IF NOT EXISTS cairn_projection (id TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`

// sqlite looks at entries by a statement that writes, so that the transaction has
// the right to write from its beginning. Had it begun by reading, it might be
// refused later.
var sqlite = dialect{
	make:    SQLiteMake,
	entries: `SELECT id, value FROM cairn_projection WHERE id >= ? AND id < ? AND value <> '' ORDER BY id`,
	hold:    `INSERT INTO cairn_projection (id, value) VALUES (?, '') ON CONFLICT (id) DO NOTHING`,
	lock:    `UPDATE cairn_projection SET value = value WHERE id = ? RETURNING value`,
	put:     `INSERT INTO cairn_projection (id, value) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value`,
	remove:  `DELETE FROM cairn_projection WHERE id = ?`,
	touch:   `DELETE FROM cairn_projection WHERE false`, // as a statement that writes
	row:     func(int) string { return "(?, ?)" },
	undoes:  true,
	fault:   sqliteFault,
	missing: func(err error) bool {
		return err != nil && strings.Contains(err.Error(), "no such table: cairn_projection")
	},
	waiting: func(error) bool { return false },
	publish: sqlitePublish,
	discard: sqliteDiscard, withdraw: sqliteWithdraw,
}

// sqliteName is more than enough. SQLite itself has no limit.
const sqliteName = 1000

func sqlitePublish(ctx context.Context, on statements, tables []string, to projection.Names) error {
	if err := checkTables(tables, to, sqliteName); err != nil {
		return err
	}
	for _, table := range tables {
		if err := sqliteView(ctx, on, table, to); err != nil {
			return err
		}
	}
	return nil
}

// sqliteView replaces a view. A view of a table that is not there is an error when
// somebody reads it, and so it is looked for first.
func sqliteView(ctx context.Context, on statements, table string, to projection.Names) error {
	var others int
	err := on.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE name = ? COLLATE NOCASE AND type <> 'view'`, table).Scan(&others)
	if err == nil && others > 0 {
		err = taken(table)
	}
	for _, query := range []string{
		`SELECT 1 FROM "` + to.Name(table) + `" LIMIT 0`,
		`DROP VIEW IF EXISTS "` + table + `"`,
		`CREATE VIEW "` + table + `" AS SELECT * FROM "` + to.Name(table) + `"`,
	} {
		if err == nil {
			_, err = on.ExecContext(ctx, query)
		}
	}
	return err
}

func sqliteDiscard(ctx context.Context, on statements, tables []string, of projection.Names) error {
	if err := checkTables(tables, of, sqliteName); err != nil {
		return err
	}
	for _, table := range tables {
		var shown int
		err := on.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE type = 'view' AND name = ? COLLATE NOCASE AND substr(sql, -length(?2)) = ?2`,
			table, ` FROM "`+of.Name(table)+`"`).Scan(&shown)
		if err == nil && shown > 0 {
			err = inUse(table, of)
		}
		if err == nil {
			_, err = on.ExecContext(ctx, `DROP TABLE IF EXISTS "`+of.Name(table)+`"`)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
