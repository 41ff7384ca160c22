package contract

import "github.com/cairndb/cairn/broker"

// What the catalogue and the reviews say.
type (
	ProductListedV1 struct {
		SKU   string `json:"sku"`
		Name  string `json:"name"`
		Cents int64  `json:"cents" doc:"The price of one."`
	}
	PriceChangedV1 struct {
		SKU   string `json:"sku"`
		Cents int64  `json:"cents" doc:"The price of one, from now on."`
	}
	ReviewWrittenV1 struct {
		SKU      string `json:"sku"`
		Customer string `json:"customer"`
		Stars    int    `json:"stars" doc:"1 to 5"`
	}
)

// The events of the catalogue and the reviews, by product.
var (
	ProductListed = broker.EventType[ProductListedV1]{
		Name: "catalogue.product-listed", Topic: Catalogue, Description: "A product can be bought.",
		Key: func(e ProductListedV1) string { return e.SKU },
	}
	PriceChanged = broker.EventType[PriceChangedV1]{
		Name: "catalogue.price-changed", Topic: Catalogue, Description: "A product has another price.",
		Key: func(e PriceChangedV1) string { return e.SKU },
	}
	ReviewWritten = broker.EventType[ReviewWrittenV1]{
		Name: "review.written", Topic: Reviews, Description: "A customer has written what a product is like.",
		Key: func(e ReviewWrittenV1) string { return e.SKU },
	}
)

// ByCatalogue is the contract of the catalogue.
func ByCatalogue() (*broker.Contract, error) {
	return broker.NewContract("/eshop/catalogue", ProductListed, PriceChanged)
}

// ByReviews is the contract of the reviews.
func ByReviews() (*broker.Contract, error) {
	return broker.NewContract("/eshop/reviews", ReviewWritten)
}
