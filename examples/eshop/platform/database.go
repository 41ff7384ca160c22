package platform

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/cairndb/cairn/inbox/sqlinbox"
	"github.com/cairndb/cairn/projection/sqltarget"
)

// A Database holds tables: the read models of event-sourced services, and the
// truth of those that keep none but what is so now.
type Database struct {
	*sql.DB
	Target  *sqltarget.Target
	Dialect sqlinbox.Dialect
}

// ErrURL is matched by the error of a database that is neither of the two kinds.
var ErrURL = errors.New("expected sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE")

// OpenDatabase opens sqlite:FILE or postgres://….
func OpenDatabase(ctx context.Context, url string) (*Database, error) {
	driver, source, dialect, target := "pgx", url, sqlinbox.PostgreSQL, sqltarget.Postgres
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, dialect, target = "sqlite", sqlinbox.SQLite, sqltarget.SQLite
		source = "file:" + file + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_txlock=immediate"
	} else if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		return nil, fmt.Errorf("%q: %w", url, ErrURL)
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return nil, err
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the database: %w", err), db.Close())
	}
	return &Database{db, target(db), dialect}, nil
}

// InSchema is the URL with which tables are in a schema of PostgreSQL, which it
// makes if it is not there. A URL that names one itself, as search_path, is left as
// it is, and so is that of SQLite.
func InSchema(ctx context.Context, address, schema string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || strings.HasPrefix(address, "sqlite:") || u.Query().Has("search_path") {
		return address, nil
	}
	db, err := OpenDatabase(ctx, address)
	if err != nil {
		return "", err
	}
	name := pgx.Identifier{schema}.Sanitize()
	// PostgreSQL fails if two do this at once, whatever stands after IF. The lock goes
	// with the transaction, which is that of the statement.
	_, err = db.ExecContext(ctx, `DO $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('eshop schema')); CREATE SCHEMA IF NOT EXISTS `+name+`; END $$`)
	if err = errors.Join(err, db.Close()); err != nil {
		return "", fmt.Errorf("the database: schema %s: %w", name, err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String(), nil
}
