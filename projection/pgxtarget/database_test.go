package pgxtarget_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/pgxtarget"
)

// address is where the server is: what the environment says, or on this machine.
func address(variable, otherwise string) string {
	if s := os.Getenv(variable); s != "" {
		return s
	}
	return otherwise
}

func source() string {
	return address("CAIRN_POSTGRES_URL", fmt.Sprintf("postgres://%s@%s:%s/%s?sslmode=disable",
		address("PGUSER", "postgres"), address("PGHOST", "127.0.0.1"), address("PGPORT", "5432"), address("PGDATABASE", "test")))
}

// A database is a schema that goes with the test.
type database struct {
	testing.TB
	schema string
	admin  *pgx.Conn // for what must go on while pools fail; not for several goroutines
}

func newDatabase(t testing.TB) *database {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, source())
	if err != nil {
		if os.Getenv("CAIRN_REQUIRE_SERVICES") != "" {
			t.Fatalf("no PostgreSQL: %v", err)
		}
		t.Skipf("no PostgreSQL: %v", err)
	}
	d := &database{t, fmt.Sprintf("cairn_pgx_%08x", rand.Uint32()), conn}
	d.do("CREATE SCHEMA " + d.schema)
	d.do("SET search_path = " + d.schema)
	t.Cleanup(func() {
		d.do("SET client_min_messages = warning")
		d.do("DROP SCHEMA " + d.schema + " CASCADE")
		conn.Close(context.Background())
	})
	return d
}

// do executes a statement apart from the targets.
func (d *database) do(sql string, args ...any) {
	d.Helper()
	if _, err := d.admin.Exec(context.Background(), sql, args...); err != nil {
		d.Fatalf("%s: %v", sql, err)
	}
}

// count is the number that a query returns.
func (d *database) count(sql string, args ...any) (n int64) {
	d.Helper()
	if err := d.admin.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		d.Fatalf("%s: %v", sql, err)
	}
	return n
}

// pool connects to the schema, in the way that the changes say.
func (d *database) pool(changes ...func(*pgxpool.Config)) *pgxpool.Pool {
	d.Helper()
	config, err := pgxpool.ParseConfig(source())
	if err != nil {
		d.Fatal(err)
	}
	config.MaxConns = 4
	config.ConnConfig.RuntimeParams["search_path"] = d.schema
	config.ConnConfig.RuntimeParams["application_name"] = d.schema
	for _, change := range changes {
		change(config)
	}
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	if err != nil {
		d.Fatal(err)
	}
	d.Cleanup(pool.Close)
	return pool
}

// target is one over a pool of its own.
func (d *database) target(changes ...func(*pgxpool.Config)) *pgxtarget.Target {
	return pgxtarget.New(d.pool(changes...))
}

// run sets a parameter of a pool's sessions.
func run(parameter, value string) func(*pgxpool.Config) {
	return func(c *pgxpool.Config) { c.ConnConfig.RuntimeParams[parameter] = value }
}

// mode sets how a pool's statements are executed.
func mode(m pgx.QueryExecMode) func(*pgxpool.Config) {
	return func(c *pgxpool.Config) { c.ConnConfig.DefaultQueryExecMode = m }
}

// name tells the connections of a pool from others.
func name(s string) func(*pgxpool.Config) { return run("application_name", s) }

// terminate ends the connections of that name, and returns when they are gone.
func (d *database) terminate(name string) {
	d.Helper()
	d.count(`SELECT count(pg_terminate_backend(pid, 60000)) FROM pg_stat_activity WHERE application_name = $1`, name)
}

// within returns a context for a test: a minute is only a guard.
func within(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// move is a change of an entry that stands somewhere.
func move(key, from, to string) projection.Change {
	return projection.Change{Expect: []projection.Entry{{Key: key, Value: from}}, Put: []projection.Entry{{Key: key, Value: to}}}
}

// entry is what an entry says.
func (d *database) entry(l projection.Ledger, key string) string {
	d.Helper()
	entries, err := l.Entries(within(d), key)
	if err != nil {
		d.Fatalf("Entries(%q): %v", key, err)
	}
	for _, e := range entries {
		if e.Key == key {
			return e.Value
		}
	}
	return ""
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// at is an event at a position.
func at(p int) *projection.Event {
	e := new(projection.Event)
	e.Position = cairn.Position(p)
	return e
}
