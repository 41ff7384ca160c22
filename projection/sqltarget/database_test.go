package sqltarget_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/cairndb/cairn/projection/sqltarget"
)

// A kind is one of the databases that the tests run on.
type kind struct {
	name   string
	driver string
	open   func(*sql.DB) *sqltarget.Target
	fresh  func(t testing.TB) (source string) // makes an empty database that goes with the test
}

var (
	onPostgres = kind{"PostgreSQL", "pgx", sqltarget.Postgres, freshPostgres}
	onMySQL    = kind{"MySQL", "mysql", sqltarget.MySQL, freshMySQL}
	onSQLite   = kind{"SQLite", "sqlite", sqltarget.SQLite, freshSQLite}
	kinds      = []kind{onPostgres, onMySQL, onSQLite}
)

// A database is an empty one of a kind.
type database struct {
	kind
	source string
	*sql.DB
	target *sqltarget.Target
}

// each runs a test on every kind of database.
func each(t *testing.T, test func(t *testing.T, db *database)) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			test(t, k.database(t))
		})
	}
}

func (k kind) database(t testing.TB) *database {
	db := &database{kind: k, source: k.fresh(t)}
	db.DB = db.pool(t)
	db.target = k.open(db.DB)
	return db
}

// pool is another pool of connections to the same database.
func (db *database) pool(t testing.TB) *sql.DB { return pool(t, db.driver, db.source) }

func pool(t testing.TB, driver, source string) *sql.DB {
	t.Helper()
	pool, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	pool.SetMaxOpenConns(8) // the servers have some for others too
	t.Cleanup(func() { pool.Close() })
	return pool
}

// address is where a server is: what the environment says, or on this machine.
func address(variable, otherwise string) string {
	if s := os.Getenv(variable); s != "" {
		return s
	}
	return otherwise
}

// server connects to a server. One that is not there is skipped by name, or a
// failure where all must be.
func server(t testing.TB, name, driver, source string) *sql.DB {
	t.Helper()
	pool := pool(t, driver, source)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := pool.PingContext(ctx); err != nil {
		if os.Getenv("CAIRN_REQUIRE_SERVICES") != "" {
			t.Fatalf("no %v: %v", name, err)
		}
		t.Skipf("no %v: %v", name, err)
	}
	return pool
}

func freshPostgres(t testing.TB) string {
	source := address("CAIRN_POSTGRES_URL", fmt.Sprintf("postgres://%s@%s:%s/%s?sslmode=disable", address("PGUSER", "postgres"),
		address("PGHOST", "127.0.0.1"), address("PGPORT", "5432"), address("PGDATABASE", "test")))
	name := fmt.Sprintf("sqltarget_%08x", rand.Uint32())
	server := server(t, "PostgreSQL", "pgx", source)
	exec(t, server, `CREATE SCHEMA `+name)
	t.Cleanup(func() { exec(t, server, `DROP SCHEMA `+name+` CASCADE`) })
	return withParameter(t, source, "search_path", name)
}

// withParameter is a PostgreSQL address with one more parameter.
func withParameter(t testing.TB, source, name, value string) string {
	u, err := url.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

func freshMySQL(t testing.TB) string {
	source := mySQLAddress()
	c, err := mysql.ParseDSN(source)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("sqltarget_%08x", rand.Uint32())
	server := server(t, "MySQL", "mysql", source)
	exec(t, server, `CREATE DATABASE `+name)
	t.Cleanup(func() { exec(t, server, `DROP DATABASE `+name) })
	c.DBName, c.Logger = name, &mysql.NopLogger{}
	return c.FormatDSN()
}

func mySQLAddress() string { return address("CAIRN_MYSQL_DSN", "root@tcp(127.0.0.1:3306)/test") }

func freshSQLite(t testing.TB) string {
	return "file:" + filepath.Join(t.TempDir(), "test.db") + "?_pragma=busy_timeout(60000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)"
}

type execer interface {
	Exec(query string, args ...any) (sql.Result, error)
}

func exec(t testing.TB, db execer, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func one[T any](t testing.TB, db *sql.DB, query string, args ...any) (value T) {
	t.Helper()
	if err := db.QueryRow(query, args...).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

// sql is a statement as the database wants it: with $1 as ?, and types of its own.
func (k kind) sql(query string) string {
	if k.driver == "pgx" {
		return query
	}
	for n := range 9 {
		query = strings.ReplaceAll(query, fmt.Sprintf("$%d", n), "?")
	}
	if k.driver == "mysql" {
		query = strings.ReplaceAll(strings.ReplaceAll(query, `"`, "`"), "text", "varbinary(800)")
	}
	return query
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}
