package payment

import "github.com/cairndb/cairn/codec"

// Category is that of the streams, one for each order.
const Category = "payment"

// StreamOf is the stream of what was paid for an order.
func StreamOf(order string) string { return Category + "-" + order }

// An Event is something that has happened to what is paid for an order.
type Event interface{ payment() }

type (
	// Requested says what shall have been paid all in all.
	Requested struct {
		Customer string `json:"customer"`
		Cents    int64  `json:"cents"`
	}
	// Charged is money that was taken; Paid is what that makes all in all.
	Charged struct {
		Customer string `json:"customer"`
		Cents    int64  `json:"cents"`
		Paid     int64  `json:"paid"`
	}
	// Returned is money that was given back because less was wanted in the end.
	Returned struct {
		Customer string `json:"customer"`
		Cents    int64  `json:"cents"`
		Paid     int64  `json:"paid"`
	}
	// Refused is money that could not be taken.
	Refused struct {
		Customer string `json:"customer"`
		Reason   string `json:"reason"`
	}
	// Refunded closes a payment: everything is given back, and no more is taken.
	Refunded struct {
		Customer string `json:"customer"`
		Cents    int64  `json:"cents"`
		Reason   string `json:"reason"`
	}
	// Due is a slow payment whose time has come.
	Due struct{}
)

func (Requested) payment() {}
func (Charged) payment()   {}
func (Returned) payment()  {}
func (Refused) payment()   {}
func (Refunded) payment()  {}
func (Due) payment()       {}

// Events are stored under these names. A change here is a change of history.
var Events = codec.JSON(codec.Types[Event]{
	"PaymentAsked":    Requested{},
	"PaymentCharged":  Charged{},
	"PaymentReturned": Returned{},
	"PaymentRefused":  Refused{},
	"PaymentRefunded": Refunded{},
	"PaymentDue":      Due{},
})

// A State is what is to be known of a payment to decide about it.
type State struct {
	Customer string
	Asked    int64 // what shall have been paid
	Paid     int64 // what was taken and not given back
	Closed   bool  // nothing is taken any more
}

// Evolve is the state after one more event.
func (s State) Evolve(e Event) State {
	switch e := e.(type) {
	case Requested:
		s.Customer, s.Asked = e.Customer, e.Cents
	case Charged:
		s.Paid += e.Cents
	case Returned:
		s.Paid -= e.Cents
	case Refunded:
		s.Paid, s.Closed = s.Paid-e.Cents, true
	}
	return s
}
