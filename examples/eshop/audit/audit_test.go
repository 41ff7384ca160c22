package audit_test

import (
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/examples/eshop/audit"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/inventory"
	"github.com/cairndb/cairn/examples/eshop/order"
	"github.com/cairndb/cairn/examples/eshop/payment"
)

var tent = contract.Line{SKU: "tent", Name: "Tent", Quantity: 2, Cents: 100}

// A day is what happened, as events of the services, in order.
type day []any

var (
	good = day{
		inventory.Counted{Available: 5}, order.OrderPlaced{Customer: "Ann", Lines: []contract.Line{tent}, Cents: 200},
		payment.Charged{Customer: "Ann", Cents: 200, Paid: 200}, order.OrderPaid{Cents: 200},
		inventory.Reserved{Order: "7", Quantity: 2}, inventory.Made{Lines: []contract.Line{tent}}, order.OrderAllocated{Customer: "Ann", Cents: 200},
	}
	failed = append(good[:6:6], order.OrderFailed{Stage: "allocation"})
	undone = append(failed[:7:7], inventory.Released{Order: "7", Quantity: 2}, inventory.Undone{Lines: []contract.Line{tent}}, payment.Refunded{Cents: 200})
)

func (d day) audit(t *testing.T, ended bool) *audit.Report {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if ended {
		d = append(d[:len(d):len(d)], cairn.Event{Type: "saga.ended"})
	}
	for _, what := range d {
		stream, e, err := encode(what)
		if err == nil {
			_, err = store.Append(t.Context(), stream, cairn.Any, e)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := audit.Run(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func encode(what any) (stream string, e cairn.Event, err error) {
	switch what := what.(type) {
	case order.Event:
		e, err = order.Events.Encode(what)
		return "order-7", e, err
	case payment.Event:
		e, err = payment.Events.Encode(what)
		return "payment-7", e, err
	case inventory.StockEvent:
		e, err = inventory.StockEvents.Encode(what)
		return "stock-tent", e, err
	case inventory.AllocationEvent:
		e, err = inventory.AllocationEvents.Encode(what)
		return "allocation-7", e, err
	}
	return "saga-order-7", what.(cairn.Event), nil
}

func TestConserved(t *testing.T) {
	if r := good.audit(t, true); !r.OK() || r.Orders != 1 || r.Open != 0 || r.Kept != 200 || r.Units != 2 || !strings.Contains(r.String(), "money and stock are conserved") {
		t.Error(r)
	}
	if r := undone.audit(t, true); !r.OK() || r.Kept != 0 || r.Units != 0 || r.Returned != 200 {
		t.Error(r)
	}
	if r := failed.audit(t, false); !r.OK() || r.Open != 1 {
		t.Error("it is under way:", r)
	}
}

func TestNotConserved(t *testing.T) {
	for name, c := range map[string]struct {
		day  day
		want string
	}{
		"not refunded": {failed, "200 cents were not given back"},
		"not released": {append(failed[:7:7], payment.Refunded{Cents: 200}), "is set aside"},
		"released, and not on the shelf": {append(failed[:7:7], payment.Refunded{Cents: 200}, inventory.Undone{}),
			"tent: 2 set aside, and 0 for its orders"},
		"not paid":       {append(day{good[0], good[1]}, good[4], good[5], good[6]), "comes to 200 cents, and 0 were taken"},
		"nothing aside":  {append(day{good[0], good[1], good[2], good[3]}, good[6]), "is of [{tent Tent 2 100}], and [] is set aside"},
		"oversold":       {append(day{inventory.Counted{Available: 1}}, good[1:]...), "tent: -1 available"},
		"nowhere":        {day{good[1]}, "the process of order 7 has ended, and the order is created"},
		"money for none": {append(good[:7:7], payment.Charged{Cents: 1, Paid: 201}), "comes to 200 cents, and 201 were taken"},
	} {
		r := c.day.audit(t, true)
		if r.OK() || !strings.Contains(r.String(), c.want) {
			t.Errorf("%s: %v", name, r)
		}
	}
}
