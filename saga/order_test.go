package saga_test

import (
	"errors"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/saga"
)

// The tests' saga: an order is paid, packed and shipped, or everything is undone.

type event interface{ order() }

type (
	placed         struct{ Total int }
	paid           struct{}
	declined       struct{}
	refunded       struct{}
	packed         struct{}
	outOfStock     struct{}
	paymentOverdue struct{}
	packingOverdue struct{}
)

func (placed) order()         {}
func (paid) order()           {}
func (declined) order()       {}
func (refunded) order()       {}
func (packed) order()         {}
func (outOfStock) order()     {}
func (paymentOverdue) order() {}
func (packingOverdue) order() {}

var events = codec.JSON(codec.Types[event]{
	"order.placed": placed{}, "order.paid": paid{}, "order.declined": declined{}, "order.refunded": refunded{},
	"order.packed": packed{}, "order.out-of-stock": outOfStock{},
	"order.payment-overdue": paymentOverdue{}, "order.packing-overdue": packingOverdue{},
})

type command interface{ command() }

type (
	requestPayment struct{ Total int }
	giveBack       struct{}
	pack           struct{}
	unpack         struct{}
	ship           struct{}
)

func (requestPayment) command() {}
func (giveBack) command()       {}
func (pack) command()           {}
func (unpack) command()         {}
func (ship) command()           {}

var commands = codec.JSON(codec.Types[command]{
	"payment.request": requestPayment{}, "payment.give-back": giveBack{}, "stock.pack": pack{}, "stock.unpack": unpack{}, "shipping.ship": ship{},
})

type state struct {
	Total    int
	Paid     bool
	Declined bool
}

func (s state) evolve(e event) state {
	switch e := e.(type) {
	case placed:
		s.Total = e.Total
	case paid:
		s.Paid = true
	case declined:
		s.Declined = true
	}
	return s
}

var errPoison = errors.New("cannot decide")

type (
	decision = saga.Decision[event, command]
	delay    = saga.Timer[event]
)

func decide(now saga.Situation[state], e event) (d decision, err error) {
	payments, stock := "payments-"+now.ID, "stock-"+now.ID
	if now.Compensating {
		_, d.End = e.(refunded)
		return d, nil
	}
	switch e := e.(type) {
	case placed:
		if e.Total < 0 {
			return d, errPoison
		}
		if len(now.Timers) == 0 {
			d.Send = saga.To[command](payments, requestPayment{Total: now.State.Total})
			d.Undo = saga.To[command](payments, giveBack{})
			d.After = []delay{{Name: "payment", After: time.Hour, Event: paymentOverdue{}}}
		}
	case paid:
		d.Cancel = []string{"payment"}
		d.Send = saga.To[command](stock, pack{})
		d.Undo = saga.To[command](stock, unpack{})
		d.After = []delay{{Name: "packing", After: time.Hour, Event: packingOverdue{}}}
	case declined:
		d.End = true
	case packed:
		d.Send, d.End = saga.To[command]("shipping-"+now.ID, ship{}), true
	case outOfStock:
		d.Compensate = "out of stock"
	case paymentOverdue:
		d.Compensate = "not paid in time"
	case packingOverdue:
		d.Compensate = "not packed in time"
	}
	return d, nil
}

func orders() saga.Definition[state, event, command] {
	return saga.Definition[state, event, command]{
		Name: "orders", Events: events, Commands: commands,
		Correlate: func(_ event, r *cairn.Recorded) string {
			if id := r.Stream; len(id) > len("order-") {
				return id[len("order-"):]
			}
			return "1" // there is no stream in scenarios
		},
		Starts: func(e event) bool { _, ok := e.(placed); return ok },
		Evolve: state.evolve,
		Decide: decide,
	}
}
