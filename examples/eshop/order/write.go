package order

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/examples/eshop/contract"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/projection"
)

// The limits of an order.
const (
	MaxID       = 64
	MaxCustomer = 80
	MaxReason   = 200
	MaxLines    = 50
	MaxQuantity = 99
	MaxSKU      = 40
	MaxName     = 80
	MaxCents    = 10_000_000
)

// An Order is what a client sees.
type Order struct {
	ID string `json:"id"`
	State
	Revision cairn.Revision `json:"revision"`
}

type placement struct {
	ID       string          `json:"id"`
	Customer string          `json:"customer"`
	Lines    []contract.Line `json:"lines"`
}

func (s *Service) post(w http.ResponseWriter, r *http.Request) (any, error) {
	p, err := rest.Body[placement](w, r)
	if err == nil {
		err = p.validate()
	}
	if err != nil {
		return nil, err
	}
	o, err := s.decide(w, r, p.ID, Place(p.Customer, p.Lines))
	return rest.Created{Value: o}, err
}

func (p *placement) validate() error {
	err := cmp.Or(
		rest.Name("id", p.ID, MaxID), rest.Text("customer", p.Customer, 1, MaxCustomer),
		rest.Between("lines", int64(len(p.Lines)), 1, MaxLines))
	seen := map[string]bool{}
	for i, l := range p.Lines {
		if err == nil {
			err = validate(fmt.Sprintf("lines[%d].", i), l)
		}
		if err == nil && seen[l.SKU] {
			err = rest.Invalid(fmt.Sprintf("lines[%d].sku", i), "is in a line before")
		}
		seen[l.SKU] = true
	}
	return err
}

func validate(field string, l contract.Line) error {
	return cmp.Or(
		rest.Name(field+"sku", l.SKU, MaxSKU), rest.Text(field+"name", l.Name, 1, MaxName),
		rest.Between(field+"quantity", int64(l.Quantity), 1, MaxQuantity), rest.Between(field+"cents", l.Cents, 1, MaxCents))
}

func (s *Service) addProduct(w http.ResponseWriter, r *http.Request) (any, error) {
	l, err := rest.Body[contract.Line](w, r)
	if err == nil {
		err = validate("", l)
	}
	if err != nil {
		return nil, err
	}
	return s.decide(w, r, r.PathValue("id"), Add(l))
}

func (s *Service) removeProduct(w http.ResponseWriter, r *http.Request) (any, error) {
	return s.decide(w, r, r.PathValue("id"), Remove(r.PathValue("sku")))
}

func (s *Service) cancel(w http.ResponseWriter, r *http.Request) (any, error) {
	b, err := rest.Body[struct {
		Reason string `json:"reason"`
	}](w, r)
	if err == nil {
		err = rest.Text("reason", b.Reason, 1, MaxReason)
	}
	if err != nil {
		return nil, err
	}
	return s.decide(w, r, r.PathValue("id"), Cancel(b.Reason))
}

// decide decides about an order, and tells where that is in the log. The order's
// ID is the conversation: whatever any service does because of it, and the order
// itself, is found under that.
func (s *Service) decide(w http.ResponseWriter, r *http.Request, id string, d Decision) (any, error) {
	if rest.Name("id", id, MaxID) != nil {
		return nil, errMissing
	}
	ctx := decider.WithCorrelation(r.Context(), id)
	got, err := s.orders.Do(ctx, StreamOf(id), d)
	if err != nil {
		return nil, err
	}
	position := got.Position
	if position == 0 { // nothing was written; what was before may be news to the read model
		position, err = s.head(ctx)
	}
	w.Header().Set(projection.TokenHeader, projection.FormatToken(position))
	return Order{id, got.State, got.Revision}, err
}

func (s *Service) head(ctx context.Context) (cairn.Position, error) {
	info, err := s.o.Store.Info(ctx)
	return info.Head, err
}
