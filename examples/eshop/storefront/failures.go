package storefront

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// A mode is how a service is to behave.
type mode struct{ Name, Says string }

// A switchboard is the page on which things are made to fail.
type switchboard struct {
	Payments, Stock        []mode
	PaymentMode, StockMode string
	Products               []product
	Unavailable            []string
	stock                  []stocked
}

type stocked struct {
	SKU                 string
	Available, Quantity int64
}

// Left is how many of a product there are, or -1 if nobody knows.
func (b *switchboard) Left(sku string) int64 {
	for _, l := range b.stock {
		if l.SKU == sku {
			return cmp.Or(l.Available, l.Quantity)
		}
	}
	return -1
}

var (
	paymentModes = []mode{{"ok", "Every payment goes through."}, {"slow", "A payment takes its time, some longer than the order waits."}, {"fail", "Every payment is refused."}}
	stockModes   = []mode{{"ok", "What is there is set aside."}, {"fail", "Nothing can be set aside."}}
)

// failures shows the switches. A service that does not answer is named; the
// others can be switched all the same.
func (s *Service) failures(_ http.ResponseWriter, r *http.Request, _ *session) (any, error) {
	b := &switchboard{Payments: paymentModes, Stock: stockModes}
	var payments, stock struct{ Mode string }
	ask := func(c *rest.Client, path string, out any) func() error {
		impatient := *c
		impatient.Patience = 2 * time.Second
		return func() error {
			_, err := impatient.Do(r.Context(), "GET", path, nil, out)
			return err
		}
	}
	away := func(name string, all ...func() error) func() error {
		return func() error {
			if together(all...) != nil {
				return errors.New(name)
			}
			return nil
		}
	}
	if err := together(
		away("catalogue", ask(s.catalogue, "/products", &b.Products)),
		away("inventory", ask(s.inventory, "/stock", &b.stock), ask(s.inventory, "/inventory/mode", &stock)),
		away("payment", ask(s.payment, "/payment/mode", &payments)),
	); err != nil {
		b.Unavailable = strings.Split(err.Error(), "\n")
	}
	b.PaymentMode, b.StockMode = payments.Mode, stock.Mode
	return &view{name: "failures", data: b}, nil
}

func (s *Service) setMode(_ http.ResponseWriter, r *http.Request, _ *session) (any, error) {
	mode := r.PostFormValue("mode")
	if err := rest.Name("mode", mode, 20); err != nil {
		return nil, err
	}
	body := map[string]string{"mode": mode}
	var err error
	switch r.PathValue("service") {
	case "payment":
		_, err = s.payment.Do(r.Context(), "POST", "/payment/mode", body, nil)
	case "inventory":
		_, err = s.inventory.Do(r.Context(), "POST", "/inventory/mode", body, nil)
	default:
		return nil, rest.NotFound("switch of that name")
	}
	return redirect("/failures"), err
}

// changeProduct discontinues a product or brings it back, changes its price, or
// its stock.
func (s *Service) changeProduct(_ http.ResponseWriter, r *http.Request, _ *session) (any, error) {
	p, err := s.find(r.Context(), r.PathValue("sku"))
	if err != nil {
		return nil, err
	}
	switch act := r.PostFormValue("act"); act {
	case "discontinue", "bring back":
		p.Discontinued = act == "discontinue"
		err = s.putProduct(r, p)
	case "raise":
		p.Cents += max(p.Cents/10, 1)
		err = s.putProduct(r, p)
	case "stock":
		err = s.putStock(r, p.SKU)
	default:
		err = rest.Invalid("act", "must be discontinue, bring back, raise or stock")
	}
	return redirect("/failures#" + p.SKU), err
}

func (s *Service) putProduct(r *http.Request, p product) error {
	_, err := s.catalogue.Do(r.Context(), "PUT", "/products/"+p.SKU, map[string]any{
		"sku": p.SKU, "name": p.Name, "category": p.Category, "description": p.Description,
		"cents": p.Cents, "picture": p.Picture, "discontinued": p.Discontinued,
	}, nil)
	return err
}

func (s *Service) putStock(r *http.Request, sku string) error {
	n, err := strconv.ParseInt(r.PostFormValue("quantity"), 10, 64)
	if err != nil {
		return rest.Invalid("quantity", "must be a number from 0 to 10000")
	}
	if err := rest.Between("quantity", n, 0, 10_000); err != nil {
		return err
	}
	_, err = s.inventory.Do(r.Context(), "PUT", "/stock/"+sku, map[string]int64{"quantity": n}, nil)
	return err
}
