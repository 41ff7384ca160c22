package order

import (
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/examples/eshop/contract"
)

// Category is that of the streams: the order 7 is the stream order-7.
const Category = "order"

// StreamOf is the stream of an order.
func StreamOf(id string) string { return Category + "-" + id }

// An Event is something that has happened to an order. It is this service's own
// affair: others hear of some of it, in the words of package contract.
type Event interface{ order() }

type (
	// OrderPlaced is the first of each order.
	OrderPlaced struct {
		Customer string          `json:"customer"`
		Lines    []contract.Line `json:"lines"`
		Cents    int64           `json:"cents"`
	}
	// ProductAdded adds to a line, or is a new one.
	ProductAdded struct {
		Line  contract.Line `json:"line"`
		Cents int64         `json:"cents"` // all lines together, then
	}
	// ProductRemoved takes a line out.
	ProductRemoved struct {
		SKU   string `json:"sku"`
		Cents int64  `json:"cents"` // all lines together, then
	}
	// OrderPaid closes an order to changes.
	OrderPaid struct {
		Cents int64 `json:"cents"`
	}
	// ValidationRequested says that the catalogue is to look at the lines.
	ValidationRequested struct{}
	// OrderValidated says that it has, and that all is well.
	OrderValidated struct{}
	// AllocationRequested says that the goods are to be set aside.
	AllocationRequested struct{}
	// OrderAllocated ends an order well. It repeats what others are told.
	OrderAllocated struct {
		Customer string `json:"customer"`
		Cents    int64  `json:"cents"`
	}
	// OrderFailed ends an order: in which stage, and why.
	OrderFailed struct {
		Customer string `json:"customer"`
		Stage    string `json:"stage"`
		Reason   string `json:"reason"`
	}
	// OrderCancelled ends an order because the customer wants it to.
	OrderCancelled struct {
		Customer string `json:"customer"`
		Reason   string `json:"reason"`
	}
	// OrderRefunded may follow an end that was not good.
	OrderRefunded struct {
		Cents int64 `json:"cents"`
	}
)

func (OrderPlaced) order()         {}
func (ProductAdded) order()        {}
func (ProductRemoved) order()      {}
func (OrderPaid) order()           {}
func (ValidationRequested) order() {}
func (OrderValidated) order()      {}
func (AllocationRequested) order() {}
func (OrderAllocated) order()      {}
func (OrderFailed) order()         {}
func (OrderCancelled) order()      {}
func (OrderRefunded) order()       {}

// Events are stored under these names. A change here is a change of history.
var Events = codec.JSON(codec.Types[Event]{
	"OrderPlaced":         OrderPlaced{},
	"ProductAdded":        ProductAdded{},
	"ProductRemoved":      ProductRemoved{},
	"OrderPaid":           OrderPaid{},
	"ValidationRequested": ValidationRequested{},
	"OrderValidated":      OrderValidated{},
	"AllocationRequested": AllocationRequested{},
	"OrderAllocated":      OrderAllocated{},
	"OrderFailed":         OrderFailed{},
	"OrderCancelled":      OrderCancelled{},
	"OrderRefunded":       OrderRefunded{},
})
