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

// StockOf is the stream of a product.
func StockOf(sku string) string { return StockCategory + "-" + sku }

// AllocationOf is the stream of an order's goods.
func AllocationOf(order string) string { return AllocationCategory + "-" + order }

// A StockEvent is something that has happened to the stock of a product.
type StockEvent interface{ stock() }

type (
	// Counted says how many there are that nobody has.
	Counted struct {
		Available int `json:"available"`
	}
	// Reserved says what was set aside for an order.
	Reserved struct {
		Order    string `json:"order"`
		Quantity int    `json:"quantity"`
	}
	// Released says what is not set aside for it any more.
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
	// Made says that all lines of an order are set aside.
	Made struct {
		Lines []contract.Line `json:"lines"`
	}
	// Failed says that they could not be.
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
