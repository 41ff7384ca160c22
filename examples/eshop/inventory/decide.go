package inventory

import (
	"fmt"

	"github.com/cairndb/cairn/examples/eshop/contract"
)

// A Stock is how many there are of a product.
type Stock struct {
	Known     bool
	Available int // that nobody has
	Reserved  int // that are set aside
}

// Evolve is the stock after one more event.
func (s Stock) Evolve(e StockEvent) Stock {
	switch e := e.(type) {
	case Counted:
		s.Known, s.Available = true, e.Available
	case Reserved:
		s.Available, s.Reserved = s.Available-e.Quantity, s.Reserved+e.Quantity
	case Released:
		s.Available, s.Reserved = s.Available+e.Quantity, s.Reserved-e.Quantity
	}
	return s
}

// A ShortError says that there is not enough of a product.
type ShortError struct {
	Name             string
	Wanted, Quantity int
}

// Error names the product.
func (e *ShortError) Error() string {
	return fmt.Sprintf("%d of %s wanted, and %d there", e.Wanted, e.Name, e.Quantity)
}

type stockDecision = func(Stock) ([]StockEvent, error)

// Count sets how many there are. The first count of a product that is known
// already is none.
func Count(available int, first bool) stockDecision {
	return func(s Stock) ([]StockEvent, error) {
		if s.Known && (first || s.Available == available) {
			return nil, nil
		}
		return []StockEvent{Counted{available}}, nil
	}
}

// Reserve sets goods aside for an order, or is a [*ShortError].
func Reserve(order string, l contract.Line) stockDecision {
	return func(s Stock) ([]StockEvent, error) {
		if s.Available < l.Quantity {
			return nil, &ShortError{l.Name, l.Quantity, max(s.Available, 0)}
		}
		return []StockEvent{Reserved{order, l.Quantity}}, nil
	}
}

// Release undoes that.
func Release(order string, l contract.Line) stockDecision {
	return func(Stock) ([]StockEvent, error) { return []StockEvent{Released{order, l.Quantity}}, nil }
}

// An Allocation is what is set aside for an order.
type Allocation struct {
	Lines    []contract.Line
	Answered bool // it was made, or has failed
	Closed   bool // nothing is set aside any more, and nothing will be
}

// Evolve is the allocation after one more event.
func (a Allocation) Evolve(e AllocationEvent) Allocation {
	switch e := e.(type) {
	case Made:
		a.Lines, a.Answered = e.Lines, true
	case Failed:
		a.Answered = true
	case Undone:
		a.Lines, a.Closed = nil, true
	}
	return a
}
