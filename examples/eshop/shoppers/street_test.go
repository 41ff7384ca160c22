package shoppers_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/cairndb/cairn/examples/eshop/basket"
	"github.com/cairndb/cairn/examples/eshop/catalogue"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/examples/eshop/reviews"
	"github.com/cairndb/cairn/examples/eshop/shoppers"
	"github.com/cairndb/cairn/examples/eshop/storefront"
)

// A ledger stands in for the order service: it keeps what it is given.
type ledger struct {
	mu     sync.Mutex
	orders map[string]json.RawMessage
}

func (l *ledger) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	var o struct{ ID string }
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/orders":
		json.Unmarshal(body, &o)
		l.orders[o.ID] = body
		w.WriteHeader(http.StatusCreated)
	case r.Method == http.MethodPost:
		w.WriteHeader(http.StatusConflict) // too late to cancel
	case len(r.URL.Path) > 20:
		io.WriteString(w, `[{"revision":0,"type":"order.placed"}]`)
	default:
		io.WriteString(w, `{"status":"created"}`)
	}
}

// The crowd finds its way through the real storefront, and nobody is sent away.
func TestStreet(t *testing.T) {
	db, err := platform.OpenDatabase(t.Context(), "sqlite:"+t.TempDir()+"/shop.db")
	must(t, err)
	defer db.Close()
	c, err := catalogue.New(catalogue.Options{DB: db.DB, Dialect: db.Dialect})
	must(t, err)
	baskets, err := basket.SQL(t.Context(), db.DB)
	must(t, err)
	b, err := basket.New(basket.Options{Store: baskets})
	must(t, err)
	documents, err := reviews.SQL(t.Context(), db.DB, db.Dialect)
	must(t, err)
	rv, err := reviews.New(reviews.Options{Documents: documents})
	must(t, err)
	l := &ledger{orders: map[string]json.RawMessage{}}
	services := map[string]http.Handler{"catalogue": c.Handler(), "basket": b.Handler(), "reviews": rv.Handler()}
	front, err := storefront.New(storefront.Options{Service: func(name string) *rest.Client {
		h := services[name]
		if h == nil {
			h = l
		}
		return &rest.Client{Name: name, URL: serve(t, h)}
	}, Logger: slog.New(slog.DiscardHandler)})
	must(t, err)
	r, err := shoppers.Run(t.Context(), shoppers.Options{URL: serve(t, front.Handler()), Shoppers: 60, Rate: 1000, AtOnce: 4, Seed: 1})
	must(t, err)
	if r.Failed != 0 || r.Orders == 0 || r.Orders != len(l.orders) || r.Reviews == 0 || r.Orders+r.Abandoned != r.Shoppers {
		t.Errorf("%v; the shop has %d orders", r, len(l.orders))
	}
	ratings, err := documents.Ratings(t.Context())
	must(t, err)
	said := 0
	for _, rating := range ratings {
		said += int(rating.Count)
	}
	if said != r.Reviews {
		t.Errorf("%v; the shop has %d reviews", r, said)
	}
}

func serve(t *testing.T, h http.Handler) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
