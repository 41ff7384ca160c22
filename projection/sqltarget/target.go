package sqltarget

import (
	"context"
	"database/sql"

	"github.com/cairndb/cairn/projection"
)

// A Target is an SQL database. Its methods may be called concurrently, and several
// of them, in any number of processes, may share a database. The pool belongs to
// the caller, who closes it after the runners have ended.
type Target struct {
	db   *sql.DB
	d    *dialect
	pair chan struct{} // held while a pair of connections is taken
}

var (
	_ projection.Target[*sql.Tx] = (*Target)(nil)
	_ projection.Publisher       = (*Target)(nil)
)

// Postgres is a target in PostgreSQL.
func Postgres(db *sql.DB) *Target { return open(db, &postgres) }

// MySQL is a target in MySQL or MariaDB, through github.com/go-sql-driver/mysql.
func MySQL(db *sql.DB) *Target { return open(db, &mySQL) }

// SQLite is a target in SQLite.
func SQLite(db *sql.DB) *Target { return open(db, &sqlite) }

func open(db *sql.DB, d *dialect) *Target {
	return &Target{db: db, d: d, pair: make(chan struct{}, 1)}
}

// Traits promises transactions, which in MySQL leave out tables: those stay.
func (t *Target) Traits() projection.Traits {
	return projection.Traits{Transactional: true, Undoes: !t.d.commits}
}

// Fault sorts an error of this target or of a handler's statement.
func (t *Target) Fault(err error) projection.Fault {
	if anyOf(err, errUndone, errGuarded) {
		return projection.FaultAgain
	}
	fault := t.d.fault(err)
	if fault == projection.FaultEvent && isOwn(err) {
		return projection.FaultDown
	}
	return fault
}

// Entries returns the entries whose key begins with prefix, ordered by key.
func (t *Target) Entries(ctx context.Context, prefix string) ([]projection.Entry, error) {
	all, err := t.entries(ctx, prefix)
	if err != nil && t.d.missing(err) {
		return nil, nil
	}
	return all, ended(ctx, err)
}

func (t *Target) entries(ctx context.Context, prefix string) (all []projection.Entry, err error) {
	const afterAll = "\x7f" // of the characters of keys
	rows, err := t.db.QueryContext(ctx, t.d.entries, prefix, prefix+afterAll)
	if err != nil {
		return nil, &ownError{"read entries", err}
	}
	defer rows.Close()
	for rows.Next() {
		var e projection.Entry
		if err := rows.Scan(&e.Key, &e.Value); err != nil {
			return nil, &ownError{"read entries", err}
		}
		all = append(all, e)
	}
	if err := rows.Err(); err != nil {
		return nil, &ownError{"read entries", err}
	}
	return all, nil
}
