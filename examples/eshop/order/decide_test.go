package order_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/cairndb/cairn/decider/decidertest"
	c "github.com/cairndb/cairn/examples/eshop/contract"
	. "github.com/cairndb/cairn/examples/eshop/order"
	"github.com/cairndb/cairn/examples/eshop/rest"
)

var (
	tent  = c.Line{SKU: "tent", Name: "Tent", Quantity: 1, Cents: 100}
	stone = c.Line{SKU: "stone", Name: "Stone", Quantity: 2, Cents: 5}

	orders    = decidertest.With(State.Evolve)
	nothing   = orders.From(Nothing)
	placed    = nothing.Given(OrderPlaced{"Ann", []c.Line{tent}, 100})
	both      = placed.Given(ProductAdded{stone, 110})
	paid      = placed.Given(OrderPaid{100})
	pending   = paid.Given(ValidationRequested{})
	valid     = pending.Given(OrderValidated{})
	asked     = valid.Given(AllocationRequested{})
	allocated = asked.Given(OrderAllocated{"Ann", 100})
	cancelled = paid.Given(OrderCancelled{"Ann", "no"})
	failed    = paid.Given(OrderFailed{"Ann", "validation", "price"})
)

// refused wants a refusal with a status.
func refused(t *testing.T, name string, d Decision, s State, status int) {
	t.Helper()
	events, err := d(s)
	p, ok := errors.AsType[*rest.Problem](err)
	if !ok || p.Status != status || len(events) > 0 {
		t.Errorf("%s: %v %v; want a refusal with status %d", name, events, err, status)
	}
}

func TestPlace(t *testing.T) {
	nothing.When(Place("Ann", []c.Line{tent, stone})).Then(t, OrderPlaced{"Ann", []c.Line{tent, stone}, 110})
	placed.When(Place("Ann", []c.Line{tent})).Then(t)
	allocated.When(Place("Ann", []c.Line{tent})).Then(t) // the answer was lost for long
	refused(t, "another customer", Place("Bob", []c.Line{tent}), fold(placedEvent), http.StatusConflict)
	refused(t, "other lines", Place("Ann", []c.Line{stone}), fold(placedEvent), http.StatusConflict)
}

var placedEvent = OrderPlaced{"Ann", []c.Line{tent}, 100}

func fold(events ...Event) State {
	s := Nothing()
	for _, e := range events {
		s = s.Evolve(e)
	}
	return s
}

func TestChange(t *testing.T) {
	placed.When(Add(stone)).Then(t, ProductAdded{stone, 110})
	placed.When(Add(tent)).Then(t, ProductAdded{tent, 200})
	both.When(Remove("tent")).Then(t, ProductRemoved{"tent", 10})
	both.When(Remove("tent")).ThenState(t, State{Customer: "Ann", Status: Created, Lines: []c.Line{stone}, Cents: 10})
	dearer, many := tent, tent
	dearer.Cents, many.Quantity = 101, MaxQuantity
	s := fold(placedEvent)
	refused(t, "another price", Add(dearer), s, http.StatusConflict)
	refused(t, "too many", Add(many), s, http.StatusBadRequest)
	refused(t, "the last line", Remove("tent"), s, http.StatusConflict)
	refused(t, "no such line", Remove("stone"), s, http.StatusNotFound)
	for _, d := range []Decision{Add(stone), Remove("tent"), Cancel("no")} {
		refused(t, "no order", d, Nothing(), http.StatusNotFound)
	}
	for _, e := range []Event{OrderPaid{100}, OrderCancelled{"Ann", "no"}, OrderFailed{"Ann", "payment", "no"}} {
		refused(t, "add", Add(stone), fold(placedEvent, e), http.StatusConflict)
		refused(t, "remove", Remove("tent"), fold(placedEvent, e), http.StatusConflict)
	}
}

func TestCancel(t *testing.T) {
	for _, s := range []decidertest.Scenario[State, Event]{placed, paid, pending, valid, asked} {
		s.When(Cancel("no")).Then(t, OrderCancelled{"Ann", "no"})
	}
	cancelled.When(Cancel("no")).Then(t)
	refused(t, "failed", Cancel("no"), fold(placedEvent, OrderFailed{"Ann", "payment", "x"}), http.StatusConflict)
	refused(t, "allocated", Cancel("no"), fold(placedEvent, OrderAllocated{"Ann", 100}), http.StatusConflict)
}

func TestProgress(t *testing.T) {
	placed.When(Pay(100)).Then(t, OrderPaid{100})
	placed.When(Pay(90)).Then(t) // it was changed meanwhile
	paid.When(Advance(Paid, ValidationRequested{})).Then(t, ValidationRequested{})
	asked.When(Complete()).Then(t, OrderAllocated{"Ann", 100})
	asked.When(Fail("allocation", "none")).ThenState(t, State{
		Customer: "Ann", Status: AllocationException, Stage: "allocation", Reason: "none", Lines: []c.Line{tent}, Cents: 100, Paid: 100,
	})
	failed.When(Refund(100)).Then(t, OrderRefunded{100})
	cancelled.When(Refund(100)).Then(t, OrderRefunded{100})
	cancelled.When(Refund(0)).Then(t)
	cancelled.Given(OrderRefunded{100}).When(Refund(100)).Then(t)
	nothing.When(Fail("payment", "x")).Then(t)
}

// TestTooLate: what the process says about an order that has ended is no news.
func TestTooLate(t *testing.T) {
	for _, s := range []decidertest.Scenario[State, Event]{cancelled, failed, allocated} {
		for _, d := range []Decision{
			Pay(100), Advance(Paid, ValidationRequested{}), Advance(ValidationPending, OrderValidated{}),
			Advance(Validated, AllocationRequested{}), Complete(), Fail("payment", "late"),
		} {
			s.When(d).Then(t)
		}
	}
}

// TestNames pins what is stored. A change here is a change of history.
func TestNames(t *testing.T) {
	for want, e := range map[string]Event{
		`OrderPlaced {"customer":"Ann","lines":[{"sku":"tent","name":"Tent","quantity":1,"cents":100}],"cents":100}`: placedEvent,
		`ProductAdded {"line":{"sku":"stone","name":"Stone","quantity":2,"cents":5},"cents":110}`:                    ProductAdded{stone, 110},
		`ProductRemoved {"sku":"tent","cents":10}`:                                                                   ProductRemoved{"tent", 10},
		`OrderPaid {"cents":100}`:                                        OrderPaid{100},
		`ValidationRequested {}`:                                         ValidationRequested{},
		`OrderValidated {}`:                                              OrderValidated{},
		`AllocationRequested {}`:                                         AllocationRequested{},
		`OrderAllocated {"customer":"Ann","cents":100}`:                  OrderAllocated{"Ann", 100},
		`OrderFailed {"customer":"Ann","stage":"payment","reason":"no"}`: OrderFailed{"Ann", "payment", "no"},
		`OrderCancelled {"customer":"Ann","reason":"no"}`:                OrderCancelled{"Ann", "no"},
		`OrderRefunded {"cents":100}`:                                    OrderRefunded{100},
	} {
		if got, err := Events.Encode(e); err != nil || got.Type+" "+string(got.Data) != want {
			t.Errorf("%s %s, %v; want %s", got.Type, got.Data, err, want)
		}
	}
}
