package mongodb

import (
	"testing"

	"github.com/cairndb/cairn/examples/eshop/reviews"
	"github.com/cairndb/cairn/examples/eshop/reviews/reviewstest"
)

// TestReviews is the kit for the documents of the shop's reviews.
func TestReviews(t *testing.T) {
	reviewstest.Documents(t, func(t *testing.T) func() reviews.Documents {
		c := connect(t).Database(database(t)).Collection("reviews")
		return func() reviews.Documents {
			d, err := reviews.Mongo(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			return d
		}
	})
}
