package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/saga/sagatest"
)

func TestRun(t *testing.T) {
	var out strings.Builder
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	if err := run(ctx, &out); err != nil {
		t.Fatal(err)
	}
	const want = `order 1 has ended
  order.placed
    sends payment.request
    waits until 10:00:00
  order.paid
    sends stock.pack
  order.packed
    sends shipping.ship
order 2 has ended
  order.placed
    sends payment.request
    waits until 10:00:00
  order.payment-overdue
    goes back, because it was not paid in time
order 3 has ended
  order.placed
    sends payment.request
    waits until 10:00:00
  order.paid
    sends stock.pack
  order.out-of-stock
    goes back, because it is out of stock
    undoes with payment.refund
  order.refunded
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

func TestDecide(t *testing.T) {
	placed := sagatest.With(orders).For("7").Given(Placed{12})
	placed.When(Paid{}).
		ThenSends(t, saga.To[Command]("stock-7", Pack{})...).
		ThenCancels(t, "payment")
	placed.WhenTimeout("payment").
		ThenCompensates(t, "it was not paid in time").
		ThenEnds(t)
	placed.Given(Paid{}).When(OutOfStock{}).
		ThenSends(t, saga.To[Command]("payments-7", Refund{12})...).
		ThenGoesOn(t)
}
