package declared_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/cairndb/cairn/projection/declared"
)

// A database is one of those that the tests run on.
type database struct {
	*sql.DB
	dialect        *declared.Dialect
	driver, source string
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
		{dialect: declared.Postgres, driver: "pgx", source: address("CAIRN_POSTGRES_URL",
			fmt.Sprintf("postgres://%s@%s:%s/%s?sslmode=disable", address("PGUSER", "postgres"), address("PGHOST", "127.0.0.1"),
				address("PGPORT", "5432"), address("PGDATABASE", "test")))},
		{dialect: declared.MySQL, driver: "mysql", source: address("CAIRN_MYSQL_DSN", "root@tcp(127.0.0.1:3306)/test") + "?parseTime=true"},
		{dialect: declared.SQLite, driver: "sqlite"},
	}
	for _, db := range servers {
		t.Run(db.dialect.String(), func(t *testing.T) {
			if db.dialect == declared.SQLite {
				db.source = "file:" + t.TempDir() + "/test.db?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)"
			}
			connect(t, &db)
			test(t, &db)
		})
	}
}

func connect(t *testing.T, db *database) {
	var err error
	if db.DB, err = sql.Open(db.driver, db.source); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		if os.Getenv("CAIRN_REQUIRE_SERVICES") != "" {
			t.Fatalf("no %v: %v", db.dialect, err)
		}
		t.Skipf("no %v: %v", db.dialect, err)
	}
}

// unique is a name that no other test uses.
func unique(name string) string { return fmt.Sprintf("%s_%08x", name, rand.Uint32()) }

// dump is what a query gives, as texts.
func (db *database) dump(t *testing.T, query string) [][]string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	var all [][]string
	for rows.Next() {
		cells, pointers := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			pointers[i] = &cells[i]
		}
		if err := rows.Scan(pointers...); err != nil {
			t.Fatal(err)
		}
		var line []string
		for _, c := range cells {
			line = append(line, text(c))
		}
		all = append(all, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func text(v any) string {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case time.Time:
		return v.UTC().Format("2006-01-02 15:04:05.000000Z")
	}
	return fmt.Sprint(v)
}
