package platformtest

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/cairndb/cairn/examples/eshop/platform"
)

// Databases runs a test on each kind, with one that is empty.
func Databases(t *testing.T, test func(t *testing.T, db *platform.Database)) {
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite opens a file of the test's own.
func SQLite(t testing.TB) *platform.Database {
	t.Helper()
	db, err := platform.OpenDatabase(t.Context(), "sqlite:"+t.TempDir()+"/shop.db")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// PostgresURL is where PostgreSQL is: CAIRN_POSTGRES_URL, or on this machine.
func PostgresURL() string {
	return cmp.Or(os.Getenv("CAIRN_POSTGRES_URL"), "postgres://postgres@127.0.0.1:5432/test?sslmode=disable")
}

// Postgres opens a schema of the test's own, which goes with it.
func Postgres(t testing.TB) *platform.Database {
	t.Helper()
	admin, err := platform.OpenDatabase(t.Context(), PostgresURL())
	Need(t, "PostgreSQL", err)
	schema := fmt.Sprintf("eshop_%08x", rand.Uint32())
	if _, err = admin.Exec("CREATE SCHEMA " + schema); err != nil {
		t.Fatal(errors.Join(err, admin.Close()))
	}
	t.Cleanup(func() {
		_, err := admin.Exec("DROP SCHEMA " + schema + " CASCADE")
		if err := errors.Join(err, admin.Close()); err != nil {
			t.Error(err)
		}
	})
	db, err := platform.OpenDatabase(t.Context(), PostgresURL()+"&search_path="+schema)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}
