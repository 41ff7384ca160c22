package shop_test

import (
	"testing"

	"github.com/cairndb/cairn/examples/eshop/order"
	"github.com/cairndb/cairn/examples/eshop/platform/platformtest"
)

// TestPostgres has all tables in PostgreSQL, in a schema of the test's own.
func TestPostgres(t *testing.T) {
	v := found(t)
	v.o.DB = platformtest.Postgres(t)
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
