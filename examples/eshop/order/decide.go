package order

import (
	"net/http"
	"reflect"

	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/rest"
)

// A Decision says which events follow from a state, or why none may. It is pure:
// it may be asked again when somebody else was first.
type Decision = func(State) ([]Event, error)

// conflict is the refusal of what an order cannot do as it stands.
func conflict(message string) error {
	return &rest.Problem{Status: http.StatusConflict, Message: message}
}

var errMissing = rest.NotFound("such order")

// Place places an order. The same again is the same order.
func Place(customer string, lines []contract.Line) Decision {
	return func(s State) ([]Event, error) {
		switch {
		case s.Status == Unplaced:
			return []Event{OrderPlaced{Customer: customer, Lines: lines, Cents: sum(lines)}}, nil
		case s.Customer == customer && (s.Status != Created || reflect.DeepEqual(s.Lines, lines)):
			return nil, nil // the answer was lost, and the order may have gone on since
		}
		return nil, conflict("there is another order of this ID")
	}
}

// Add adds a product, or more of one.
func Add(l contract.Line) Decision {
	return func(s State) ([]Event, error) {
		if err := s.open(); err != nil {
			return nil, err
		}
		i := at(s.Lines, l.SKU)
		switch {
		case i >= 0 && s.Lines[i].Cents != l.Cents:
			return nil, conflict("the product is in the order at another price")
		case i >= 0 && s.Lines[i].Quantity+l.Quantity > MaxQuantity:
			return nil, rest.Invalid("quantity", "would be over %d", MaxQuantity)
		case i < 0 && len(s.Lines) == MaxLines:
			return nil, rest.Invalid("lines", "would be more than %d", MaxLines)
		}
		return []Event{ProductAdded{Line: l, Cents: s.Cents + int64(l.Quantity)*l.Cents}}, nil
	}
}

// Remove takes a line out. The last one stays: an order of nothing is cancelled.
func Remove(sku string) Decision {
	return func(s State) ([]Event, error) {
		if err := s.open(); err != nil {
			return nil, err
		}
		i := at(s.Lines, sku)
		switch {
		case i < 0:
			return nil, rest.NotFound("such product in the order")
		case len(s.Lines) == 1:
			return nil, conflict("it is the only product of the order, which can be cancelled")
		}
		return []Event{ProductRemoved{SKU: sku, Cents: s.Cents - sum(s.Lines[i:i+1])}}, nil
	}
}

// Cancel cancels an order that has not come to an end.
func Cancel(reason string) Decision {
	return func(s State) ([]Event, error) {
		switch {
		case s.Status == Unplaced:
			return nil, errMissing
		case s.Status == Cancelled:
			return nil, nil
		case s.Ended():
			return nil, conflict("the order is " + string(s.Status) + " and cannot be cancelled any more")
		}
		return []Event{OrderCancelled{Customer: s.Customer, Reason: reason}}, nil
	}
}

func (s State) open() error {
	switch s.Status {
	case Unplaced:
		return errMissing
	case Created:
		return nil
	}
	return conflict("the order is " + string(s.Status) + " and cannot be changed any more")
}
