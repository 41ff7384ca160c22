package storefront

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// An order is what the order service says of one.
type order struct {
	ID, Customer, Status, Stage, Reason string
	Lines                               []line
	Cents, Paid, Refunded               int64
	Revision                            int64
	At                                  time.Time
}

// Steps are the way of an order that goes well.
var steps = []string{"new", "created", "paid", "validation pending", "validated", "allocation pending", "allocated"}

// A step is one of them, and whether the order has come to it, stands there, or
// has failed there.
type step struct{ Name, State string }

// A fact is an event of an order, as its history tells.
type fact struct {
	Revision int64
	Type     string
	At       time.Time
	Data     json.RawMessage
}

type bill struct {
	Order  order
	Window string // of its stream
}

// orderOf asks for an order, or for what it was at a revision.
func (s *Service) orderOf(r *http.Request, visitor *session, at string) (o order, err error) {
	id := r.PathValue("id")
	if rest.Name("order", id, 64) != nil {
		return o, rest.NotFound("such order")
	}
	path := "/orders/" + id
	if at != "" {
		path += "?at=" + url.QueryEscape(at)
	}
	_, err = s.order.Do(r.Context(), "GET", visitor.after(path), nil, &o)
	o.ID = cmp.Or(o.ID, id)
	return o, err
}

func (s *Service) orders(_ http.ResponseWriter, r *http.Request, visitor *session) (any, error) {
	var all []order
	if visitor.Customer == "" {
		return &view{name: "orders", data: all}, nil
	}
	_, err := s.order.Do(r.Context(), "GET", visitor.after("/orders?customer="+url.QueryEscape(visitor.Customer)), nil, &all)
	return &view{name: "orders", data: all}, err
}

func (s *Service) showOrder(_ http.ResponseWriter, r *http.Request, visitor *session) (any, error) {
	o, err := s.orderOf(r, visitor, "")
	return &view{name: "order", data: s.billOf(o)}, err
}

func (s *Service) billOf(o order) *bill {
	b := &bill{Order: o}
	if s.o.Window != "" {
		b.Window = s.o.Window + "/streams/order-" + url.PathEscape(o.ID)
	}
	return b
}

// showStatus is the part of the page that changes while one looks. Who has heard of
// an event asks for what is so after it.
func (s *Service) showStatus(_ http.ResponseWriter, r *http.Request, visitor *session) (any, error) {
	visitor.heard(r.FormValue("after"))
	o, err := s.orderOf(r, visitor, "")
	return &view{name: "status", data: s.billOf(o)}, err
}

func (s *Service) cancel(w http.ResponseWriter, r *http.Request, visitor *session) (any, error) {
	id := r.PathValue("id")
	if err := rest.Name("order", id, 64); err != nil {
		return nil, err
	}
	header, err := s.order.Do(r.Context(), "POST", "/orders/"+id+"/cancel", map[string]string{"reason": "the customer does not want it any more"}, nil)
	visitor.remember(w, header)
	return redirect("/orders/" + id), err
}

// changeOrder takes a line out of an order that is not paid yet, or adds one more
// of it.
func (s *Service) changeOrder(w http.ResponseWriter, r *http.Request, visitor *session) (any, error) {
	id, sku := r.PathValue("id"), r.PathValue("sku")
	if err := errors.Join(rest.Name("order", id, 64), rest.Name("sku", sku, 40)); err != nil {
		return nil, err
	}
	method, path, body := "DELETE", "/orders/"+id+"/products/"+sku, any(nil)
	if quantity, _ := strconv.Atoi(r.PostFormValue("more")); quantity > 0 {
		p, err := s.find(r.Context(), sku)
		if err != nil {
			return nil, err
		}
		method, path, body = "POST", "/orders/"+id+"/products", line{SKU: sku, Name: p.Name, Quantity: min(quantity, maxQuantity), Cents: p.Cents}
	}
	header, err := s.order.Do(r.Context(), method, path, body, nil)
	visitor.remember(w, header)
	return redirect("/orders/" + id), err
}
