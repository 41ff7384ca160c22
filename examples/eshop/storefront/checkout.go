package storefront

import (
	"cmp"
	"errors"
	"net/http"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// checkout makes an order of the basket and empties it. If the answer is lost and
// the form is sent again, it is the same order.
func (s *Service) checkout(w http.ResponseWriter, r *http.Request, visitor *session) (any, error) {
	id, customer := r.PostFormValue("order"), r.PostFormValue("customer")
	lines, err := s.lines(r.Context(), visitor)
	if err != nil {
		return nil, err
	}
	err = cmp.Or(rest.Name("order", id, 64), rest.Text("name", customer, 1, maxCustomer))
	if err == nil && len(lines) == 0 {
		return redirect("/orders/" + id), nil // it was sent twice
	}
	if err == nil {
		err = s.place(w, r, visitor, map[string]any{"id": id, "customer": customer, "lines": lines})
	}
	if p, refused := errors.AsType[*rest.Problem](err); refused {
		page := &counter{Order: cmp.Or(id, newOrder()), Customer: customer, Refused: p}
		return &view{name: "basket", status: p.Status, data: page}, s.fillCounter(r.Context(), visitor, page)
	}
	setCookie(w, cookieCustomer, customer)
	return redirect("/orders/" + id), err
}

func (s *Service) place(w http.ResponseWriter, r *http.Request, visitor *session, order map[string]any) error {
	header, err := s.order.Do(r.Context(), "POST", "/orders", order, nil)
	if err != nil {
		return err
	}
	visitor.remember(w, header)
	if _, err := s.basket.Do(r.Context(), "DELETE", "/baskets/"+visitor.ID, nil, nil); err != nil {
		s.o.Logger.Warn("storefront: a basket is not emptied", "err", err) // the order stands all the same
	}
	return nil
}
