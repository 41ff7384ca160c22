package storefront

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// A line is so many of one product.
type line struct {
	SKU      string `json:"sku"`
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
	Cents    int64  `json:"cents"`
	Now      int64  `json:"-"` // the price that the catalogue says now; zero if it sells none
}

// Sum is what the line comes to.
func (l line) Sum() int64 { return int64(l.Quantity) * l.Cents }

type counter struct {
	Lines    []line
	Sum      int64
	Order    string // the ID of the order that this may become
	Customer string
	Refused  *rest.Problem
}

const maxQuantity = 99

func (s *Service) lines(ctx context.Context, visitor *session) (all []line, err error) {
	_, err = s.basket.Do(ctx, "GET", "/baskets/"+visitor.ID, nil, &all)
	return all, err
}

// countLines is how many things are in the basket. A page that shows it in a
// corner does not wait for it.
func (s *Service) countLines(ctx context.Context, visitor *session) (n int) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	all, _ := s.lines(ctx, visitor) // none, if nobody answers
	for _, l := range all {
		n += l.Quantity
	}
	return n
}

// showBasket shows it with the prices that were promised, and says where the
// catalogue has others by now. The form has the ID of the order that it will
// make, so that sending it twice makes one order.
func (s *Service) showBasket(_ http.ResponseWriter, r *http.Request, visitor *session) (any, error) {
	page := &counter{Order: newOrder(), Customer: visitor.Customer}
	return &view{name: "basket", data: page}, s.fillCounter(r.Context(), visitor, page)
}

func (s *Service) fillCounter(ctx context.Context, visitor *session, page *counter) error {
	var now []product
	err := together(func() (err error) {
		page.Lines, err = s.lines(ctx, visitor)
		return err
	}, func() error {
		impatient, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		now, _ = s.products(impatient) // without, the promised prices stand alone
		return nil
	})
	for i := range page.Lines {
		l := &page.Lines[i]
		l.Now = l.Cents
		for _, p := range now {
			if p.SKU == l.SKU {
				l.Now = p.Cents
			}
		}
		page.Sum += l.Sum()
	}
	return err
}

// putLine puts so many of a product into the basket, in place of those that are
// there; "more" adds to them, and none takes the line out.
func (s *Service) putLine(_ http.ResponseWriter, r *http.Request, visitor *session) (any, error) {
	quantity, err := strconv.Atoi(r.PostFormValue("quantity"))
	if err != nil {
		return nil, rest.Invalid("quantity", "must be a number from 0 to %d", maxQuantity)
	}
	sku := r.PathValue("sku")
	if err := cmp.Or(rest.Name("sku", sku, 40), rest.Between("quantity", int64(quantity), 0, maxQuantity)); err != nil {
		return nil, err
	}
	if quantity == 0 {
		_, err := s.basket.Do(r.Context(), "DELETE", "/baskets/"+visitor.ID+"/"+sku, nil, nil)
		return redirect("/basket"), err
	}
	return redirect("/basket"), s.put(r.Context(), visitor, sku, quantity, r.PostFormValue("more") != "")
}

func (s *Service) put(ctx context.Context, visitor *session, sku string, quantity int, more bool) error {
	p, err := s.find(ctx, sku)
	if err != nil {
		return err
	}
	if more {
		there, err := s.lines(ctx, visitor)
		if err != nil {
			return err
		}
		for _, l := range there {
			if l.SKU == sku {
				quantity = min(quantity+l.Quantity, maxQuantity)
			}
		}
	}
	l := line{SKU: sku, Name: p.Name, Quantity: quantity, Cents: p.Cents}
	_, err = s.basket.Do(ctx, "PUT", "/baskets/"+visitor.ID+"/"+sku, l, nil)
	return err
}
