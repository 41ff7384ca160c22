package storefront

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// A reviewed is one review.
type reviewed struct {
	Customer, Text string
	Stars          int64
	At             time.Time
}

type shelf struct {
	Product            product
	Reviews            []reviewed
	ReviewsUnavailable bool
	Draft              reviewed // what was written and refused
	Refused            *rest.Problem
}

// The limits of a review.
const maxReview = 1000

func (s *Service) product(_ http.ResponseWriter, r *http.Request, visitor *session) (any, error) {
	page := &shelf{Draft: reviewed{Customer: visitor.Customer, Stars: 5}}
	return &view{name: "product", data: page}, s.fillShelf(r, page)
}

// fillShelf asks for the product and its reviews at the same time. Without
// reviews there still is a product.
func (s *Service) fillShelf(r *http.Request, page *shelf) error {
	sku := r.PathValue("sku")
	if err := rest.Name("sku", sku, 40); err != nil {
		return rest.NotFound("such product")
	}
	err := together(func() (err error) {
		page.Product, err = s.find(r.Context(), sku)
		return err
	}, func() error {
		impatient := *s.reviews
		impatient.Patience = 2 * time.Second
		_, err := impatient.Do(r.Context(), "GET", "/reviews/"+sku, nil, &page.Reviews)
		page.ReviewsUnavailable = err != nil
		return nil
	})
	for _, review := range page.Reviews {
		page.Product.Rating.Count++
		page.Product.Rating.Stars += review.Stars
	}
	return err
}

// review writes one. What is refused stands in the form again, with the reason.
func (s *Service) review(w http.ResponseWriter, r *http.Request, visitor *session) (any, error) {
	draft, err := readReview(r)
	sku := r.PathValue("sku")
	if err == nil {
		err = rest.Name("sku", sku, 40)
	}
	if err == nil {
		_, err = s.reviews.Do(r.Context(), "POST", "/reviews/"+sku, map[string]any{
			"customer": draft.Customer, "stars": draft.Stars, "text": draft.Text,
		}, nil)
	}
	if err == nil {
		setCookie(w, cookieCustomer, draft.Customer)
		return redirect("/products/" + sku + "#reviews"), nil
	}
	p, refused := errors.AsType[*rest.Problem](err)
	if !refused {
		return nil, err
	}
	page := &shelf{Draft: draft, Refused: p}
	return &view{name: "product", status: p.Status, data: page}, s.fillShelf(r, page)
}

func readReview(r *http.Request) (reviewed, error) {
	d := reviewed{Customer: r.PostFormValue("customer"), Text: r.PostFormValue("text")}
	stars, err := strconv.Atoi(r.PostFormValue("stars"))
	if err != nil {
		return d, rest.Invalid("stars", "must be a number from 1 to 5")
	}
	d.Stars = int64(stars)
	return d, cmp.Or(
		rest.Text("name", d.Customer, 1, maxCustomer),
		rest.Between("stars", d.Stars, 1, 5),
		rest.Text("text", d.Text, 1, maxReview),
	)
}
