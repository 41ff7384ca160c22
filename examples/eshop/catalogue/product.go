package catalogue

import (
	"errors"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// A Product is a row of the catalogue.
type Product struct {
	SKU          string `json:"sku"`
	Name         string `json:"name"`
	Category     string `json:"category"`
	Description  string `json:"description"`
	Cents        int64  `json:"cents"`
	Picture      string `json:"picture"` // the name of a drawing; see [Picture]
	Discontinued bool   `json:"discontinued,omitempty"`
}

// The limits of a product's fields, in characters, and of its price.
const (
	MaxSKU         = 40
	MaxName        = 80
	MaxCategory    = 30
	MaxDescription = 1000
	MaxCents       = 10_000_000
)

func (p *Product) validate() error {
	_, drawn := Picture(p.Picture)
	var picture error
	if !drawn {
		picture = rest.Invalid("picture", "is none of the drawings")
	}
	return errors.Join(
		rest.Name("sku", p.SKU, MaxSKU),
		rest.Text("name", p.Name, 1, MaxName),
		rest.Text("category", p.Category, 1, MaxCategory),
		rest.Text("description", p.Description, 0, MaxDescription),
		rest.Between("cents", p.Cents, 1, MaxCents),
		picture,
	)
}
