package platform_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/platform/platformtest"
)

// TestInSchema: many who start at the same moment make one schema, and what they
// make is in it and nowhere else.
func TestInSchema(t *testing.T) {
	platformtest.Postgres(t) // or there is none
	schema := fmt.Sprintf("eshop-%08x", rand.Uint32())
	admin, err := platform.OpenDatabase(t.Context(), platformtest.PostgresURL())
	must(t, err)
	defer func() {
		_, err := admin.Exec(`DROP SCHEMA "` + schema + `" CASCADE`)
		must(t, errors.Join(err, admin.Close()))
	}()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := platform.InSchema(t.Context(), platformtest.PostgresURL(), schema); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	url, err := platform.InSchema(t.Context(), platformtest.PostgresURL(), schema)
	must(t, err)
	if again, err := platform.InSchema(t.Context(), url, "another"); err != nil || again != url {
		t.Errorf("%q, %v", again, err)
	}
	db, err := platform.OpenDatabase(t.Context(), url)
	must(t, err)
	defer db.Close()
	_, err = db.Exec(`CREATE TABLE basket_line (a TEXT)`)
	must(t, err)
	var in string
	must(t, admin.QueryRow(`SELECT table_schema FROM information_schema.tables WHERE table_schema = $1 AND table_name = 'basket_line'`, schema).Scan(&in))
}

func TestInNoSchema(t *testing.T) {
	if url, err := platform.InSchema(t.Context(), "sqlite:a.db", "x"); err != nil || url != "sqlite:a.db" {
		t.Errorf("%q, %v", url, err)
	}
	if _, err := platform.InSchema(t.Context(), "oracle://x", "x"); !errors.Is(err, platform.ErrURL) {
		t.Error(err)
	}
	if _, err := platform.InSchema(t.Context(), "postgres://127.0.0.1:1/x?sslmode=disable", "x"); err == nil || !strings.Contains(err.Error(), "the database") {
		t.Error(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
