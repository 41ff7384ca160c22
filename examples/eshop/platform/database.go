package platform

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

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
