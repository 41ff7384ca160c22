package basket

import (
	"cmp"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// A Line is so many of one product, at the price that the customer was shown.
type Line struct {
	SKU      string `json:"sku"`
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
	Cents    int64  `json:"cents"`
}

// The limits of a basket and of its lines' fields.
const (
	MaxSession  = 64
	MaxLines    = 50
	MaxQuantity = 99
	MaxSKU      = 40
	MaxName     = 80
	MaxCents    = 10_000_000
)

func (l *Line) validate() error {
	return cmp.Or(
		rest.Name("sku", l.SKU, MaxSKU),
		rest.Text("name", l.Name, 1, MaxName),
		rest.Between("quantity", int64(l.Quantity), 1, MaxQuantity),
		rest.Between("cents", l.Cents, 1, MaxCents),
	)
}
