package order

import (
	"context"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/platform"
)

// mapping is what others are told of what happens to orders.
var mapping = broker.Typed(Events, func(e Event, r cairn.Recorded) ([]broker.Draft, error) {
	id := idOf(r.Stream)
	switch e := e.(type) {
	case OrderPlaced:
		return says(contract.OrderPlaced, contract.OrderPlacedV1{Order: id, Customer: e.Customer, Lines: e.Lines, Cents: e.Cents})
	case ProductAdded:
		return says(contract.ProductAdded, contract.ProductAddedV1{Order: id, Line: e.Line, Cents: e.Cents})
	case ProductRemoved:
		return says(contract.ProductRemoved, contract.ProductRemovedV1{Order: id, SKU: e.SKU, Cents: e.Cents})
	case OrderPaid:
		return says(contract.OrderPaid, contract.OrderPaidV1{Order: id, Cents: e.Cents})
	case OrderAllocated:
		return says(contract.OrderCompleted, contract.OrderCompletedV1{Order: id, Customer: e.Customer, Cents: e.Cents})
	case OrderFailed:
		return says(contract.OrderFailed, contract.OrderFailedV1{Order: id, Customer: e.Customer, Stage: e.Stage, Reason: e.Reason})
	case OrderCancelled:
		return says(contract.OrderCancelled, contract.OrderCancelledV1{Order: id, Customer: e.Customer, Reason: e.Reason})
	}
	return nil, broker.ErrUnmapped
})

func says[T any](t broker.EventType[T], data T) ([]broker.Draft, error) {
	return []broker.Draft{t.Draft(data)}, nil
}

// hears is what an order makes of what the process says.
func hears(orders *decider.Decider[State, Event]) []platform.Reaction {
	return []platform.Reaction{
		reaction(orders, contract.PaymentConfirmed, func(e contract.PaymentConfirmedV1) (string, Decision) {
			return e.Order, Pay(e.Cents)
		}),
		reaction(orders, contract.ValidationRequested, func(e contract.ValidationRequestedV1) (string, Decision) {
			return e.Order, Advance(Paid, ValidationRequested{})
		}),
		reaction(orders, contract.ValidationConfirmed, func(e contract.ValidationConfirmedV1) (string, Decision) {
			return e.Order, Advance(ValidationPending, OrderValidated{})
		}),
		reaction(orders, contract.AllocationRequested, func(e contract.AllocationRequestedV1) (string, Decision) {
			return e.Order, Advance(Validated, AllocationRequested{})
		}),
		reaction(orders, contract.AllocationConfirmed, func(e contract.AllocationConfirmedV1) (string, Decision) {
			return e.Order, Complete()
		}),
		reaction(orders, contract.ProcessFailed, func(e contract.ProcessFailedV1) (string, Decision) {
			return e.Order, Fail(e.Stage, e.Reason)
		}),
		reaction(orders, contract.RefundConfirmed, func(e contract.RefundConfirmedV1) (string, Decision) {
			return e.Order, Refund(e.Cents)
		}),
	}
}

// reaction decides about the order that an event is about.
func reaction[T any](orders *decider.Decider[State, Event], t broker.EventType[T], decide func(T) (string, Decision)) platform.Reaction {
	return platform.On(t, func(ctx context.Context, e T) (cairn.Batch, error) {
		id, decision := decide(e)
		w, _, err := orders.Plan(ctx, StreamOf(id), decision)
		return cairn.Batch{Writes: []cairn.Write{w}}, err
	})
}
