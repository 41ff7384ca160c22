package reviews

import (
	"cmp"
	"context"
	"time"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// A Review is one document.
type Review struct {
	ID       string    `json:"id" bson:"_id"`
	SKU      string    `json:"sku" bson:"sku"`
	Customer string    `json:"customer" bson:"customer"`
	Stars    int       `json:"stars" bson:"stars"`
	Text     string    `json:"text" bson:"text"`
	At       time.Time `json:"at" bson:"at"`
}

// The limits of a review's fields, in characters.
const (
	MaxSKU      = 40
	MaxCustomer = 40
	MaxText     = 1000
	MaxStars    = 5
)

// listed is how many reviews of a product are read, the newest.
const listed = 100

// rated is of how many products the ratings are read, the first by name.
const rated = 1000

func (r *Review) validate() error {
	return cmp.Or(
		rest.Name("sku", r.SKU, MaxSKU),
		rest.Text("customer", r.Customer, 1, MaxCustomer),
		rest.Between("stars", int64(r.Stars), 1, MaxStars),
		rest.Text("text", r.Text, 1, MaxText),
	)
}

// A Rating is what the customers think of a product, all in all.
type Rating struct {
	SKU   string `json:"sku"`
	Count int64  `json:"count"`
	Stars int64  `json:"stars"` // of all reviews together
}

// Documents is where reviews are kept. [SQL] and [Mongo] make some.
type Documents interface {
	// Insert keeps a review, which others have not been told of yet. One whose ID
	// is there already is left as it is.
	Insert(ctx context.Context, r Review) error

	// Of lists the newest reviews of a product, the newest first, and no more
	// than most.
	Of(ctx context.Context, sku string, most int) ([]Review, error)

	// Untold lists reviews that others have not been told of, the oldest first,
	// and no more than most.
	Untold(ctx context.Context, most int) ([]Review, error)

	// Told notes that others have been told of a review.
	Told(ctx context.Context, id string) error

	// Ratings lists the rating of each product that has a review, by product, of
	// the first thousand.
	Ratings(ctx context.Context) ([]Rating, error)
}
