package process

import (
	"strings"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/saga"
)

// Name is the saga's: its instances are the streams saga-order-ID.
const Name = "order"

const (
	timerPayment = "payment"
	overdue      = "it was not paid in time"
)

// Definition is the saga, in which a payment may take so long.
func Definition(timeout time.Duration) saga.Definition[State, Event, Message] {
	return saga.Definition[State, Event, Message]{
		Name: Name, Events: Heard, Commands: Said,
		Correlate: func(_ Event, r *cairn.Recorded) string { return strings.TrimPrefix(r.Stream, HeardCategory+"-") },
		Starts:    func(e Event) bool { _, ok := e.(contract.OrderPlacedV1); return ok },
		Evolve:    State.Evolve,
		Decide: func(now saga.Situation[State], e Event) (decision, error) {
			if now.Compensating {
				return goBack(now, e), nil
			}
			if _, placed := e.(contract.OrderPlacedV1); placed {
				return begin(now, timeout), nil
			}
			return goOn(now, e), nil
		},
	}
}

type decision = saga.Decision[Event, Message]

// say makes messages of an order.
func say(order string, bodies ...Message) []saga.Message[Message] {
	return saga.To(SaidCategory+"-"+order, bodies...)
}

// begin asks for the money. From now on it may have been taken, so it has to be
// given back if the order goes wrong.
func begin(now saga.Situation[State], timeout time.Duration) (d decision) {
	s := now.State
	d.Send = say(now.ID, contract.PaymentRequestedV1{Order: now.ID, Customer: s.Customer, Cents: s.Cents})
	d.Undo = say(now.ID, contract.RefundRequestedV1{Order: now.ID, Reason: notCarriedOut})
	d.After = []saga.Timer[Event]{{Name: timerPayment, After: timeout, Event: PaymentOverdue{}}}
	return d
}

const notCarriedOut = "the order is not carried out"

// goOn is what comes next when all is well so far.
func goOn(now saga.Situation[State], e Event) (d decision) {
	id, s := now.ID, now.State
	switch e := e.(type) {
	case contract.ProductAddedV1, contract.ProductRemovedV1:
		d.Send = say(id, contract.PaymentRequestedV1{Order: id, Customer: s.Customer, Cents: s.Cents})
	case contract.PaymentReceivedV1:
		d.Send = say(id, contract.PaymentConfirmedV1{Order: id, Cents: e.Cents}) // is it enough? the order knows
	case contract.OrderPaidV1:
		d.Cancel = []string{timerPayment}
		d.Send = say(id, contract.ValidationRequestedV1{Order: id, Lines: s.Lines})
	case contract.ValidationPassedV1:
		d.Send = say(id, contract.ValidationConfirmedV1{Order: id}, contract.AllocationRequestedV1{Order: id, Lines: s.Lines})
		d.Undo = say(id, contract.ReleaseRequestedV1{Order: id, Reason: notCarriedOut})
	case contract.AllocationMadeV1:
		d.Send = say(id, contract.AllocationConfirmedV1{Order: id})
	case contract.OrderCompletedV1:
		d.End = true
	default:
		return fail(now, e)
	}
	return d
}

// fail goes back, if that is what the event means.
func fail(now saga.Situation[State], e Event) (d decision) {
	var stage string
	switch e := e.(type) {
	case contract.PaymentFailedV1:
		if now.State.Failed { // not if the order is paid: then it was about an amount that nobody wants any more
			stage, d.Compensate = "payment", e.Reason
		}
	case PaymentOverdue:
		stage, d.Compensate = "payment", overdue
	case contract.ValidationFailedV1:
		stage, d.Compensate = "validation", e.Reason
	case contract.AllocationFailedV1:
		stage, d.Compensate = "allocation", e.Reason
	case contract.OrderCancelledV1:
		d.Compensate = e.Reason // the order knows
	}
	if stage != "" {
		d.Send = say(now.ID, contract.ProcessFailedV1{Order: now.ID, Stage: stage, Reason: d.Compensate})
	}
	return d
}

// goBack waits for what is to be made good. Whatever else comes is too late.
func goBack(now saga.Situation[State], e Event) (d decision) {
	if e, ok := e.(contract.PaymentRefundedV1); ok {
		d.Send = say(now.ID, contract.RefundConfirmedV1{Order: now.ID, Cents: e.Cents})
	}
	d.End = now.State.madeGood()
	return d
}
