package process_test

import (
	"testing"
	"time"

	c "github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/process"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/saga/sagatest"
)

const why = "the order is not carried out"

var (
	tent  = c.Line{SKU: "tent", Name: "Tent", Quantity: 1, Cents: 100}
	stone = c.Line{SKU: "stone", Name: "Stone", Quantity: 2, Cents: 5}

	orders    = sagatest.With(process.Definition(time.Minute)).For("7")
	placed    = orders.Given(c.OrderPlacedV1{Order: "7", Customer: "Ann", Lines: []c.Line{tent}, Cents: 100})
	received  = placed.Given(c.PaymentReceivedV1{Order: "7", Cents: 100})
	paid      = received.Given(c.OrderPaidV1{Order: "7", Cents: 100})
	valid     = paid.Given(c.ValidationPassedV1{Order: "7"})
	allocated = valid.Given(c.AllocationMadeV1{Order: "7"})
	cancel    = c.OrderCancelledV1{Order: "7", Customer: "Ann", Reason: "no"}
	refund    = c.RefundRequestedV1{Order: "7", Reason: why}
	release   = c.ReleaseRequestedV1{Order: "7", Reason: why}
)

func said(bodies ...process.Message) []saga.Message[process.Message] {
	return saga.To("processsaid-7", bodies...)
}

func failed(stage, reason string) c.ProcessFailedV1 {
	return c.ProcessFailedV1{Order: "7", Stage: stage, Reason: reason}
}

func TestTheGoodWay(t *testing.T) {
	orders.When(c.OrderPlacedV1{Order: "7", Customer: "Ann", Lines: []c.Line{tent}, Cents: 100}).
		ThenSends(t, said(c.PaymentRequestedV1{Order: "7", Customer: "Ann", Cents: 100})...).
		ThenSets(t, saga.Timer[process.Event]{Name: "payment", After: time.Minute, Event: process.PaymentOverdue{}})
	placed.When(c.PaymentReceivedV1{Order: "7", Cents: 100}).
		ThenSends(t, said(c.PaymentConfirmedV1{Order: "7", Cents: 100})...).ThenCancels(t)
	received.When(c.OrderPaidV1{Order: "7", Cents: 100}).
		ThenSends(t, said(c.ValidationRequestedV1{Order: "7", Lines: []c.Line{tent}})...).ThenCancels(t, "payment")
	paid.When(c.ValidationPassedV1{Order: "7"}).
		ThenSends(t, said(c.ValidationConfirmedV1{Order: "7"}, c.AllocationRequestedV1{Order: "7", Lines: []c.Line{tent}})...)
	valid.When(c.AllocationMadeV1{Order: "7"}).ThenSends(t, said(c.AllocationConfirmedV1{Order: "7"})...).ThenGoesOn(t)
	allocated.When(c.OrderCompletedV1{Order: "7"}).ThenSends(t).ThenEnds(t)
}

func TestChangesBeforePaying(t *testing.T) {
	more := placed.Given(c.ProductAddedV1{Order: "7", Line: stone, Cents: 110}, c.ProductAddedV1{Order: "7", Line: stone, Cents: 120})
	four := stone
	four.Quantity = 4
	more.When(c.ProductRemovedV1{Order: "7", SKU: "tent", Cents: 20}).
		ThenSends(t, said(c.PaymentRequestedV1{Order: "7", Customer: "Ann", Cents: 20})...).
		ThenState(t, process.State{Customer: "Ann", Lines: []c.Line{four}, Cents: 20})
	more.Given(c.PaymentReceivedV1{Order: "7", Cents: 120}).When(c.OrderPaidV1{Order: "7", Cents: 120}).
		ThenSends(t, said(c.ValidationRequestedV1{Order: "7", Lines: []c.Line{tent, four}})...)
}

func TestPaymentExceptions(t *testing.T) {
	placed.When(c.PaymentFailedV1{Order: "7", Reason: "declined"}).ThenCompensates(t, "declined").
		ThenSends(t, said(refund, failed("payment", "declined"))...).ThenCancels(t, "payment").ThenGoesOn(t)
	placed.WhenTimeout("payment").ThenCompensates(t, "it was not paid in time").
		ThenSends(t, said(refund, failed("payment", "it was not paid in time"))...).ThenGoesOn(t)
	overdue := placed.GivenTimeout("payment")
	overdue.When(c.PaymentReceivedV1{Order: "7", Cents: 100}).ThenWaits(t) // too late
	overdue.When(c.OrderPaidV1{Order: "7", Cents: 100}).ThenWaits(t)
	overdue.When(c.PaymentRefundedV1{Order: "7", Cents: 100}).
		ThenSends(t, said(c.RefundConfirmedV1{Order: "7", Cents: 100})...).ThenEnds(t)
	overdue.When(c.PaymentRefundedV1{Order: "7"}).ThenSends(t, said(c.RefundConfirmedV1{Order: "7"})...).ThenEnds(t)
}

// TestARefusalAfterPaying: it is about an amount that the order has got rid of.
func TestARefusalAfterPaying(t *testing.T) {
	paid.When(c.PaymentFailedV1{Order: "7", Reason: "declined"}).ThenWaits(t)
	allocated.When(c.PaymentFailedV1{Order: "7", Reason: "declined"}).ThenWaits(t)
}

func TestValidationException(t *testing.T) {
	paid.When(c.ValidationFailedV1{Order: "7", Reason: "price"}).ThenCompensates(t, "price").
		ThenSends(t, said(refund, failed("validation", "price"))...).ThenGoesOn(t)
	paid.Given(c.ValidationFailedV1{Order: "7", Reason: "price"}).When(c.PaymentRefundedV1{Order: "7", Cents: 100}).ThenEnds(t)
}

func TestAllocationException(t *testing.T) {
	valid.When(c.AllocationFailedV1{Order: "7", Reason: "none left"}).ThenCompensates(t, "none left").
		ThenSends(t, said(release, refund, failed("allocation", "none left"))...).ThenGoesOn(t)
	back := valid.Given(c.AllocationFailedV1{Order: "7", Reason: "none left"})
	back.When(c.AllocationReleasedV1{Order: "7"}).ThenWaits(t)
	back.When(c.PaymentRefundedV1{Order: "7", Cents: 100}).ThenGoesOn(t)
	back.Given(c.PaymentRefundedV1{Order: "7", Cents: 100}).When(c.AllocationReleasedV1{Order: "7"}).ThenEnds(t)
	back.Given(c.AllocationReleasedV1{Order: "7"}).When(c.PaymentRefundedV1{Order: "7", Cents: 100}).ThenEnds(t)
}

func TestCancelled(t *testing.T) {
	for name, s := range map[string]sagatest.Scenario[process.State, process.Event, process.Message]{"placed": placed, "received": received, "paid": paid} {
		t.Run(name, func(t *testing.T) {
			s.When(cancel).ThenCompensates(t, "no").ThenSends(t, said(refund)...).ThenGoesOn(t)
			s.Given(cancel).When(c.PaymentRefundedV1{Order: "7", Cents: 100}).ThenEnds(t)
		})
	}
	valid.When(cancel).ThenCompensates(t, "no").ThenSends(t, said(release, refund)...)
	allocated.When(cancel).ThenCompensates(t, "no").ThenSends(t, said(release, refund)...)
	paid.Given(cancel).When(c.ValidationPassedV1{Order: "7"}).ThenWaits(t) // nothing is set aside any more
	paid.Given(cancel, c.ValidationPassedV1{Order: "7"}).When(c.PaymentRefundedV1{Order: "7", Cents: 100}).ThenEnds(t)
	valid.Given(cancel).When(c.AllocationMadeV1{Order: "7"}).ThenWaits(t)
	placed.Given(cancel).When(c.ProductAddedV1{Order: "7", Line: stone, Cents: 110}).ThenWaits(t)
}

func TestNoOrder(t *testing.T) {
	orders.When(c.PaymentReceivedV1{Order: "7", Cents: 1}).ThenIgnored(t, saga.NoInstance)
	allocated.Given(c.OrderCompletedV1{Order: "7"}).When(cancel).ThenIgnored(t, saga.AfterEnd)
}
