package shop_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/cairndb/cairn/examples/eshop/order"
	"github.com/cairndb/cairn/examples/eshop/platform"
)

// TestPostgres has all tables in PostgreSQL, in a schema of the test's own.
func TestPostgres(t *testing.T) {
	url := cmp.Or(os.Getenv("CAIRN_POSTGRES_URL"), "postgres://postgres@127.0.0.1:5432/test?sslmode=disable")
	admin, err := platform.OpenDatabase(t.Context(), url)
	unavailable(t, "PostgreSQL", err)
	defer admin.Close()
	schema := fmt.Sprintf("eshop_%08x", rand.Uint32())
	_, err = admin.Exec("CREATE SCHEMA " + schema)
	must(t, err)
	defer func() {
		if _, err := admin.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
	}()
	v := found(t)
	v.o.DB, err = platform.OpenDatabase(t.Context(), url+"&search_path="+schema)
	must(t, err)
	defer v.o.DB.Close()
	shut := v.open()
	defer shut()
	v.trade()
	var d order.Dashboard
	for d.Refunded != 64600 {
		v.do("order", "GET", "/dashboard", nil, &d)
	}
	if d.Orders != 2 || d.Cents != 35500 || len(d.ByProduct) != 2 || len(d.ByHour) != 1 {
		t.Errorf("%+v", d)
	}
	var list []order.Listed
	if v.do("order", "GET", "/orders?customer=Ann", nil, &list); len(list) != 2 {
		t.Errorf("%+v", list)
	}
}
