package storefront

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"

	"github.com/cairndb/cairn/examples/eshop/rest"
)

// Options say whom the storefront asks.
type Options struct {
	// Service returns how a service is asked that is called catalogue, basket,
	// reviews, order, payment, inventory or notification. Required.
	Service func(name string) *rest.Client

	// Window is the address of the web UI of the store, without a slash at its
	// end. Empty leaves out the links to it.
	Window string

	// Logger is told what fails. Nil means slog.Default.
	Logger *slog.Logger
}

// A Service is a storefront. Its methods may be called concurrently.
type Service struct {
	o                                                                   Options
	catalogue, basket, reviews, order, payment, inventory, notification *rest.Client
	pages                                                               pages
}

// New makes a storefront.
func New(o Options) (*Service, error) {
	o.Logger = cmp.Or(o.Logger, slog.Default())
	s := &Service{
		o: o, catalogue: o.Service("catalogue"), basket: o.Service("basket"), reviews: o.Service("reviews"),
		order: o.Service("order"), payment: o.Service("payment"), inventory: o.Service("inventory"),
		notification: o.Service("notification"),
	}
	var err error
	s.pages, err = parsePages()
	return s, err
}

// Handler is the shop.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, show := range map[string]pageFunc{
		"GET /{$}":                         s.home,
		"GET /products/{sku}":              s.product,
		"POST /products/{sku}/reviews":     s.review,
		"GET /basket":                      s.showBasket,
		"POST /basket/{sku}":               s.putLine,
		"POST /checkout":                   s.checkout,
		"GET /orders":                      s.orders,
		"GET /orders/{id}":                 s.showOrder,
		"GET /orders/{id}/status":          s.showStatus,
		"GET /orders/{id}/history":         s.showHistory,
		"GET /orders/{id}/then":            s.showThen,
		"POST /orders/{id}/cancel":         s.cancel,
		"POST /orders/{id}/products/{sku}": s.changeOrder,
		"GET /emails":                      s.emails,
		"GET /sales":                       s.sales,
		"GET /failures":                    s.failures,
		"POST /failures/{service}":         s.setMode,
		"POST /failures/products/{sku}":    s.changeProduct,
		"/":                                nowhere,
	} {
		mux.Handle(pattern, s.page(show))
	}
	mux.HandleFunc("GET /pictures/{sku}", s.picture)
	mux.HandleFunc("GET /orders/{id}/live", s.live)
	mux.Handle("GET /assets/", assets())
	return secure(mux)
}

// Run waits until ctx ends, and returns its cause: a storefront asks others, and
// hears of nothing that nobody looks at.
func (s *Service) Run(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}
