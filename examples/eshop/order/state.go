package order

import (
	"slices"

	"github.com/cairndb/cairn/examples/eshop/contract"
)

// A Status says how far an order has come.
type Status string

// The statuses. The last five are ends.
const (
	Unplaced            Status = "new" // it was not placed yet
	Created             Status = "created"
	Paid                Status = "paid"
	ValidationPending   Status = "validation pending"
	Validated           Status = "validated"
	AllocationPending   Status = "allocation pending"
	Allocated           Status = "allocated"
	PaymentException    Status = "payment exception"
	ValidationException Status = "validation exception"
	AllocationException Status = "allocation exception"
	Cancelled           Status = "cancelled"
)

// A State is what is to be known of an order to decide about it.
type State struct {
	Customer string          `json:"customer"`
	Status   Status          `json:"status"`
	Stage    string          `json:"stage,omitempty"`  // where it failed: payment, validation or allocation
	Reason   string          `json:"reason,omitempty"` // why it failed or was cancelled
	Lines    []contract.Line `json:"lines"`
	Cents    int64           `json:"cents"` // all lines together
	Paid     int64           `json:"paid"`
	Refunded int64           `json:"refunded"`
}

// Nothing is the state of an order that was not placed.
func Nothing() State { return State{Status: Unplaced, Lines: []contract.Line{}} }

// Ended says that the order will not go on.
func (s State) Ended() bool {
	return s.Status == Allocated || s.Status == Cancelled || s.Stage != ""
}

// Evolve is the state after one more event.
func (s State) Evolve(e Event) State {
	switch e := e.(type) {
	case OrderPlaced:
		s.Status, s.Customer, s.Lines, s.Cents = Created, e.Customer, e.Lines, e.Cents
	case ProductAdded:
		s.Lines, s.Cents = added(s.Lines, e.Line), e.Cents
	case ProductRemoved:
		s.Lines = slices.DeleteFunc(slices.Clone(s.Lines), func(l contract.Line) bool { return l.SKU == e.SKU })
		s.Cents = e.Cents
	case OrderPaid:
		s.Status, s.Paid = Paid, e.Cents
	case ValidationRequested:
		s.Status = ValidationPending
	case OrderValidated:
		s.Status = Validated
	case AllocationRequested:
		s.Status = AllocationPending
	case OrderAllocated:
		s.Status = Allocated
	case OrderFailed:
		s.Status, s.Stage, s.Reason = Status(e.Stage+" exception"), e.Stage, e.Reason
	case OrderCancelled:
		s.Status, s.Reason = Cancelled, e.Reason
	case OrderRefunded:
		s.Refunded += e.Cents
	}
	return s
}

// added are lines with one more, or with more of one.
func added(lines []contract.Line, more contract.Line) []contract.Line {
	lines = slices.Clone(lines)
	if i := at(lines, more.SKU); i >= 0 {
		lines[i].Quantity += more.Quantity
		return lines
	}
	return append(lines, more)
}

// at is where the line of a product is, or -1.
func at(lines []contract.Line, sku string) int {
	return slices.IndexFunc(lines, func(l contract.Line) bool { return l.SKU == sku })
}

// sum is what lines cost together.
func sum(lines []contract.Line) (cents int64) {
	for _, l := range lines {
		cents += int64(l.Quantity) * l.Cents
	}
	return cents
}
