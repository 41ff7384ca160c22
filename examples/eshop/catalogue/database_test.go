package catalogue_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/cairndb/cairn/examples/eshop/platform"
)

// databases runs a test on each kind. PostgreSQL is the machine's; skipped by name
// where there is none, unless it is required.
func databases(t *testing.T, test func(t *testing.T, db *platform.Database)) {
	t.Run("sqlite", func(t *testing.T) {
		db, err := platform.OpenDatabase(t.Context(), "sqlite:"+t.TempDir()+"/shop.db")
		must(t, err)
		defer db.Close()
		test(t, db)
	})
	t.Run("postgres", func(t *testing.T) { test(t, postgres(t)) })
}

// postgres opens a schema of the test's own.
func postgres(t *testing.T) *platform.Database {
	url := os.Getenv("CAIRN_POSTGRES_URL")
	if url == "" {
		url = "postgres://postgres@127.0.0.1:5432/test?sslmode=disable"
	}
	admin, err := platform.OpenDatabase(t.Context(), url)
	if err != nil {
		if os.Getenv("CAIRN_REQUIRE_SERVICES") != "" {
			t.Fatal(err)
		}
		t.Skipf("no PostgreSQL: %v", err)
	}
	schema := fmt.Sprintf("catalogue_%08x", rand.Uint32())
	_, err = admin.Exec("CREATE SCHEMA " + schema)
	must(t, err)
	db, err := platform.OpenDatabase(t.Context(), url+"&search_path="+schema)
	must(t, err)
	t.Cleanup(func() {
		_, err := admin.Exec("DROP SCHEMA " + schema + " CASCADE")
		if err := errors.Join(err, db.Close(), admin.Close()); err != nil {
			t.Error(err)
		}
	})
	return db
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
