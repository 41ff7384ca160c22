package sqlinbox_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/inbox"
	"github.com/cairndb/cairn/inbox/sqlinbox"
)

// A database is one of those that the tests run on, with tables of its own.
type database struct {
	*sql.DB
	dialect sqlinbox.Dialect
	driver  string
	source  string
	inbox   string // the table of marks
	effects string // the table of effects, one row each
}

// address is where a server is: what the environment says, or on this machine.
func address(variable, otherwise string) string {
	if s := os.Getenv(variable); s != "" {
		return s
	}
	return otherwise
}

// each runs a test on every database. One that is not there is skipped by name,
// or a failure where all must be.
func each(t *testing.T, test func(t *testing.T, db *database)) {
	servers := []database{
		{dialect: sqlinbox.PostgreSQL, driver: "pgx", source: address("CAIRN_POSTGRES_URL",
			fmt.Sprintf("postgres://%s@%s:%s/%s?sslmode=disable", address("PGUSER", "postgres"), address("PGHOST", "127.0.0.1"),
				address("PGPORT", "5432"), address("PGDATABASE", "test")))},
		{dialect: sqlinbox.MySQL, driver: "mysql", source: address("CAIRN_MYSQL_DSN", "root@tcp(127.0.0.1:3306)/test")},
		{dialect: sqlinbox.SQLite, driver: "sqlite"},
	}
	for _, db := range servers {
		t.Run(db.dialect.String(), func(t *testing.T) { test(t, prepare(t, db)) })
	}
}

// prepare connects and makes tables that go with the test.
func prepare(t *testing.T, db database) *database {
	if db.dialect == sqlinbox.SQLite {
		db.source = "file:" + t.TempDir() + "/test.db?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)"
	}
	connect(t, &db)
	suffix := fmt.Sprintf("%08x", rand.Uint32())
	db.inbox, db.effects = "inbox_"+suffix, "effects_"+suffix
	schema, err := sqlinbox.Schema(db.dialect, db.inbox)
	if err != nil {
		t.Fatal(err)
	}
	schema = append(schema, schema...) // it may be there already
	for _, s := range append(schema, `CREATE TABLE `+db.effects+` (id varchar(200) NOT NULL, n bigint NOT NULL)`,
		`CREATE INDEX `+db.effects+`_id ON `+db.effects+` (id)`) { // without it MySQL locks all rows for one
		db.exec(t, s)
	}
	t.Cleanup(func() {
		db.exec(t, `DROP TABLE `+db.inbox)
		db.exec(t, `DROP TABLE `+db.effects)
		db.Close()
	})
	return &db
}

func connect(t *testing.T, db *database) {
	var err error
	if db.DB, err = sql.Open(db.driver, db.source); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		db.Close()
		if os.Getenv("CAIRN_REQUIRE_SERVICES") != "" {
			t.Fatalf("no %v: %v", db.dialect, err)
		}
		t.Skipf("no %v: %v", db.dialect, err)
	}
}

func (db *database) exec(t testing.TB, query string) {
	t.Helper()
	if _, err := db.Exec(query); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func (db *database) count(t testing.TB, query string) (n int) {
	t.Helper()
	if err := db.QueryRow(query).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// effect writes one for a message.
func (db *database) effect(ctx context.Context, tx *sql.Tx, d broker.Delivery) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO `+db.effects+` (id, n) VALUES ('`+d.Event.ID()+`', 1)`)
	return err
}

// all are the effects: how many there are, and of how many messages.
func (db *database) all(t testing.TB) string {
	t.Helper()
	return fmt.Sprintf("%d effects of %d messages",
		db.count(t, `SELECT count(*) FROM `+db.effects), db.count(t, `SELECT count(DISTINCT id) FROM `+db.effects))
}

func (db *database) open(t testing.TB, o sqlinbox.Options) *sqlinbox.Inbox {
	t.Helper()
	o.Table = db.inbox
	in, err := sqlinbox.New(db.DB, db.dialect, "billing", o)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func delivery(id, content string) broker.Delivery {
	e := cloudevents.New()
	e.SetSource("/shop")
	e.SetID(id)
	e.SetType("order.placed")
	if err := e.SetData("text/plain", []byte(content)); err != nil {
		panic(err)
	}
	return broker.Delivery{Message: broker.Message{Event: e}}
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// A counting counts what the hooks are told, in one goroutine.
type counting struct{ handled, again, different, late int }

func (c *counting) hooks() inbox.Hooks {
	return inbox.Hooks{
		OnHandled:   func(inbox.Arrival) { c.handled++ },
		OnDuplicate: func(inbox.Arrival) { c.again++ },
		OnMismatch:  func(*inbox.MismatchError) { c.different++ },
		OnLate:      func(*inbox.LateError) { c.late++ },
	}
}
