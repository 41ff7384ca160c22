package inventory

import (
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/examples/eshop/contract"
)

// The categories: a stream for each product, and one for each order.
const (
	StockCategory      = "stock"
	AllocationCategory = "allocation"
)

// StockOf is the stream of a product, and AllocationOf that of an order.
func StockOf(sku string) string        { return StockCategory + "-" + sku }
func AllocationOf(order string) string { return AllocationCategory + "-" + order }

// A StockEvent is something that has happened to the stock of a product.
type StockEvent interface{ stock() }

type (
	// Counted says how many there are that nobody has.
	Counted struct {
		Available int `json:"available"`
	}
	// Reserved and Released say what was set aside for an order, and is not any
	// more.
	Reserved struct {
		Order    string `json:"order"`
		Quantity int    `json:"quantity"`
	}
	Released struct {
		Order    string `json:"order"`
		Quantity int    `json:"quantity"`
	}
)

func (Counted) stock()  {}
func (Reserved) stock() {}
func (Released) stock() {}

// StockEvents are stored under these names. A change here is a change of history.
var StockEvents = codec.JSON(codec.Types[StockEvent]{
	"StockCounted": Counted{}, "StockReserved": Reserved{}, "StockReleased": Released{},
})

// An AllocationEvent is something that has happened to the goods of an order.
type AllocationEvent interface{ allocation() }

type (
	Made struct {
		Lines []contract.Line `json:"lines"`
	}
	Failed struct {
		Reason string `json:"reason"`
	}
	// Undone closes an allocation, also one that was never made.
	Undone struct {
		Lines  []contract.Line `json:"lines"` // what is for others again
		Reason string          `json:"reason"`
	}
)

func (Made) allocation()   {}
func (Failed) allocation() {}
func (Undone) allocation() {}

// AllocationEvents are stored under these names. A change here is a change of
// history.
var AllocationEvents = codec.JSON(codec.Types[AllocationEvent]{
	"AllocationMade": Made{}, "AllocationFailed": Failed{}, "AllocationReleased": Undone{},
})
