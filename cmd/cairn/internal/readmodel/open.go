package readmodel

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection/declared"
	"github.com/cairndb/cairn/projection/sqltarget"
)

// A Database is a SQL database that holds read models.
type Database struct {
	*sqltarget.Target
	DB      *sql.DB
	Dialect *declared.Dialect
}

// Close closes the connections.
func (d *Database) Close() error { return d.DB.Close() }

// Forms are the URLs that Open understands.
const Forms = "sqlite:FILE, postgres://USER:PASSWORD@HOST/DATABASE or mysql://USER:PASSWORD@HOST/DATABASE"

// Open opens a database, and makes sure that it answers. A URL that is none is a
// [*cairn.InvalidError].
func Open(ctx context.Context, target string) (*Database, error) {
	scheme, rest, ok := strings.Cut(target, ":")
	if !ok {
		return nil, invalid(fmt.Sprintf("%q is no URL", target))
	}
	switch scheme {
	case "sqlite":
		return openSQLite(ctx, strings.TrimPrefix(rest, "//"))
	case "postgres", "postgresql":
		return open(ctx, "pgx", target, declared.Postgres, sqltarget.Postgres)
	case "mysql", "mariadb":
		source, err := mysqlSource(target)
		if err != nil {
			return nil, err
		}
		return open(ctx, "mysql", source, declared.MySQL, sqltarget.MySQL)
	}
	return nil, invalid(fmt.Sprintf("%q is no kind of database that is known here", scheme))
}

func invalid(problem string) error {
	return &cairn.InvalidError{Field: "target", Problem: problem + "; expected " + Forms}
}

// openSQLite opens a file. Others may write to it at the same time: one waits for
// the other.
func openSQLite(ctx context.Context, file string) (*Database, error) {
	if file == "" || strings.HasPrefix(file, ":memory:") {
		return nil, invalid("a database in memory would be gone with the command")
	}
	source := "file:" + (&url.URL{Path: file}).EscapedPath() + "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_txlock=immediate"
	return open(ctx, "sqlite", source, declared.SQLite, sqltarget.SQLite)
}

func open(ctx context.Context, driver, source string, dialect *declared.Dialect, target func(*sql.DB) *sqltarget.Target) (*Database, error) {
	db, err := sql.Open(driver, source)
	if err != nil {
		return nil, invalid(err.Error())
	}
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("the target does not answer: %w", err)
	}
	return &Database{target(db), db, dialect}, nil
}

// mysqlSource is a URL as the driver wants it.
func mysqlSource(target string) (string, error) {
	u, err := url.Parse(target)
	if err != nil {
		return "", invalid("the URL of a MySQL database cannot be read")
	}
	c := mysql.NewConfig()
	c.Net, c.Addr, c.DBName = "tcp", u.Host, strings.TrimPrefix(u.Path, "/")
	if u.Port() == "" {
		c.Addr = u.Hostname() + ":3306"
	}
	c.User = u.User.Username()
	c.Passwd, _ = u.User.Password()
	c.ParseTime = true
	if c.DBName == "" {
		return "", invalid("the URL names no database")
	}
	return c.FormatDSN(), nil
}
