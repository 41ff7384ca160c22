package readmodel

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/cairndb/cairn/projection/sqltarget"
)

// A Database holds the read models.
type Database struct {
	*sql.DB
	Target *sqltarget.Target
}

// ErrURL is matched by the error of a database that is neither of the two kinds.
var ErrURL = errors.New("expected sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE")

// Open opens sqlite:FILE or postgres://….
func Open(ctx context.Context, url string) (*Database, error) {
	driver, source, target := "pgx", url, sqltarget.Postgres
	if file, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, target = "sqlite", sqltarget.SQLite
		source = "file:" + file + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_txlock=immediate"
	} else if !strings.HasPrefix(url, "postgres://") && !strings.HasPrefix(url, "postgresql://") {
		return nil, fmt.Errorf("%q: %w", url, ErrURL)
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		return nil, err
	}
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("the database of the read models: %w", err), db.Close())
	}
	return &Database{db, target(db)}, nil
}
