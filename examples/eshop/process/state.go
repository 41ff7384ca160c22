package process

import (
	"slices"

	"github.com/cairndb/cairn/examples/eshop/contract"
)

// A State is what the process remembers of an order.
type State struct {
	Customer  string
	Lines     []contract.Line
	Cents     int64
	Paid      bool // so the order says, and nothing can be changed any more
	Failed    bool // it goes back
	Reserving bool // the stock was asked for, so it has to be released when going back
	Refunded  bool
	Released  bool
}

// made says that all that was to be made good has been.
func (s State) madeGood() bool { return s.Failed && s.Refunded && (s.Released || !s.Reserving) }

// Evolve is what is remembered after one more event.
func (s State) Evolve(e Event) State {
	switch e := e.(type) {
	case contract.OrderPlacedV1:
		s.Customer, s.Lines, s.Cents = e.Customer, e.Lines, e.Cents
	case contract.ProductAddedV1:
		s.Lines, s.Cents = added(s.Lines, e.Line), e.Cents
	case contract.ProductRemovedV1:
		s.Lines = slices.DeleteFunc(slices.Clone(s.Lines), func(l contract.Line) bool { return l.SKU == e.SKU })
		s.Cents = e.Cents
	case contract.OrderPaidV1:
		s.Paid = true
	case contract.ValidationPassedV1:
		s.Reserving = !s.Failed
	case contract.PaymentFailedV1:
		s.Failed = s.Failed || !s.Paid
	case PaymentOverdue, contract.ValidationFailedV1, contract.AllocationFailedV1, contract.OrderCancelledV1:
		s.Failed = true
	case contract.PaymentRefundedV1:
		s.Refunded = true
	case contract.AllocationReleasedV1:
		s.Released = true
	}
	return s
}

func added(lines []contract.Line, more contract.Line) []contract.Line {
	lines = slices.Clone(lines)
	for i := range lines {
		if lines[i].SKU == more.SKU {
			lines[i].Quantity += more.Quantity
			return lines
		}
	}
	return append(lines, more)
}
