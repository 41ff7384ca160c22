package sqlinbox

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/cairndb/cairn"
)

// A Dialect is the SQL that a database speaks. There is no default.
type Dialect int

// The dialects. MySQL is that of MariaDB too, which it is tested on.
const (
	PostgreSQL Dialect = 1 + iota
	MySQL
	SQLite
)

// String is the name of the dialect.
func (d Dialect) String() string {
	if d.known() {
		return [...]string{"PostgreSQL", "MySQL", "SQLite"}[d-1]
	}
	return fmt.Sprintf("Dialect(%d)", int(d))
}

func (d Dialect) known() bool { return d >= PostgreSQL && d <= SQLite }

func (d Dialect) validate() error {
	if d.known() {
		return nil
	}
	return &cairn.InvalidError{Field: "dialect", Problem: "must be PostgreSQL, MySQL or SQLite"}
}

// DefaultTable is the name of the table where none is given.
const DefaultTable = "cairn_inbox"

// name is what every database takes, at a length that the shortest limit allows
// with the suffix of an index.
var name = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_]{0,49}\.)?[A-Za-z_][A-Za-z0-9_]{0,49}$`)

// quoted checks the name of a table, which cannot be an argument of a
// statement, and quotes it. It may have a schema in front.
func (d Dialect) quoted(table string) (string, error) {
	if !name.MatchString(table) {
		return "", &cairn.InvalidError{
			Field: "table", Limit: 50,
			Problem: "must be letters, digits and underscores, not begin with a digit, and have 50 characters at most; with a schema and a dot in front if need be",
		}
	}
	quote := `"`
	if d == MySQL {
		quote = "`"
	}
	return quote + strings.ReplaceAll(table, ".", quote+"."+quote) + quote, nil
}

// Schema is the statements that create a table and its index, in order, if they
// are not there yet. An empty name is [DefaultTable].
func Schema(d Dialect, table string) ([]string, error) {
	if err := d.validate(); err != nil {
		return nil, err
	}
	if table == "" {
		table = DefaultTable
	}
	t, err := d.quoted(table)
	if err != nil {
		return nil, err
	}
	index := strings.ReplaceAll(table[strings.IndexByte(table, '.')+1:]+"_age", ".", "_")
	switch d {
	case PostgreSQL:
		return []string{
			`CREATE TABLE IF NOT EXISTS ` + t + ` (inbox text NOT NULL, arrival bytea NOT NULL, source text NOT NULL, id text NOT NULL,` +
				` content bytea NOT NULL, handled_at bigint NOT NULL, PRIMARY KEY (inbox, arrival))`,
			`CREATE INDEX IF NOT EXISTS "` + index + `" ON ` + t + ` (inbox, handled_at)`,
		}, nil
	case MySQL:
		return []string{
			`CREATE TABLE IF NOT EXISTS ` + t + ` (inbox varbinary(256) NOT NULL, arrival binary(32) NOT NULL,` +
				` source text CHARACTER SET utf8mb4 NOT NULL, id text CHARACTER SET utf8mb4 NOT NULL,` +
				` content binary(32) NOT NULL, handled_at bigint NOT NULL, PRIMARY KEY (inbox, arrival),` +
				` KEY ` + index + ` (inbox, handled_at)) ENGINE=InnoDB`,
		}, nil
	}
	schema := t[:len(t)-len(table[strings.IndexByte(table, '.')+1:])-2]
	return []string{
		`CREATE TABLE IF NOT EXISTS ` + t + ` (inbox TEXT NOT NULL, arrival BLOB NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL,` +
			` content BLOB NOT NULL, handled_at INTEGER NOT NULL, PRIMARY KEY (inbox, arrival))`,
		`CREATE INDEX IF NOT EXISTS ` + schema + `"` + index + `" ON ` + t[len(schema):] + ` (inbox, handled_at)`,
	}, nil
}

// statements are those of a dialect over a table.
type statements struct{ insert, read, sweep string }

// statements says everything by the database's clock. MySQL's IGNORE hides
// nothing but the duplicate: all that is inserted was checked.
func (d Dialect) statements(t string) statements {
	const columns = ` (inbox, arrival, source, id, content, handled_at) VALUES `
	switch d {
	case PostgreSQL:
		return statements{
			insert: `INSERT INTO ` + t + columns + `($1, $2, $3, $4, $5, extract(epoch FROM clock_timestamp())::bigint) ON CONFLICT (inbox, arrival) DO NOTHING`,
			read:   `SELECT content, handled_at FROM ` + t + ` WHERE inbox = $1 AND arrival = $2`,
			sweep: `DELETE FROM ` + t + ` WHERE (inbox, arrival) IN (SELECT inbox, arrival FROM ` + t +
				` WHERE inbox = $1 AND handled_at < extract(epoch FROM clock_timestamp())::bigint - $2::bigint` +
				` ORDER BY handled_at LIMIT $3 FOR UPDATE SKIP LOCKED)`,
		}
	case MySQL:
		return statements{
			insert: `INSERT IGNORE INTO ` + t + columns + `(?, ?, ?, ?, ?, UNIX_TIMESTAMP())`,
			read:   `SELECT content, handled_at FROM ` + t + ` WHERE inbox = ? AND arrival = ?`,
			sweep:  `DELETE FROM ` + t + ` WHERE inbox = ? AND handled_at < CAST(UNIX_TIMESTAMP() AS SIGNED) - ? ORDER BY handled_at LIMIT ?`,
		}
	}
	return statements{
		insert: `INSERT INTO ` + t + columns + `(?, ?, ?, ?, ?, unixepoch()) ON CONFLICT (inbox, arrival) DO NOTHING`,
		read:   `SELECT content, handled_at FROM ` + t + ` WHERE inbox = ? AND arrival = ?`,
		sweep: `DELETE FROM ` + t + ` WHERE rowid IN (SELECT rowid FROM ` + t +
			` WHERE inbox = ? AND handled_at < unixepoch() - ? ORDER BY handled_at LIMIT ?)`,
	}
}
