package storefront_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/cairndb/cairn/examples/eshop/basket"
	"github.com/cairndb/cairn/examples/eshop/catalogue"
	"github.com/cairndb/cairn/examples/eshop/rest"
	"github.com/cairndb/cairn/examples/eshop/reviews"
	"github.com/cairndb/cairn/examples/eshop/storefront"
	"github.com/cairndb/cairn/inbox/sqlinbox"
)

// A fakeOrder is an order whose way is over at once.
type fakeOrder struct {
	ID       string        `json:"id"`
	Customer string        `json:"customer"`
	Status   string        `json:"status"`
	Lines    []basket.Line `json:"lines"`
	Cents    int64         `json:"cents"`
	Revision int64         `json:"revision"`
	At       time.Time     `json:"at"`
}

// orders stand in for the order service, and for what comes behind it.
type orders struct {
	mu     sync.Mutex
	all    []fakeOrder
	placed int
	asked  []string // the queries, in order
	modes  map[string]string
}

func (o *orders) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", o.post)
	mux.HandleFunc("GET /orders", o.list)
	mux.HandleFunc("GET /orders/{id}", o.get)
	mux.HandleFunc("GET /orders/{id}/history", o.history)
	mux.HandleFunc("GET /orders/{id}/live", o.live)
	mux.HandleFunc("POST /orders/{id}/cancel", o.cancel)
	mux.HandleFunc("GET /dashboard", func(w http.ResponseWriter, r *http.Request) {
		say(w, map[string]any{"orders": 12, "cents": 1234500, "refunded": 4200,
			"byStatus":  []map[string]any{{"name": "allocated", "count": 9, "cents": 900000}, {"name": "payment exception", "count": 3}},
			"byProduct": []map[string]any{{"name": "Scree 2 tent", "count": 7, "cents": 244300}}})
	})
	mux.HandleFunc("GET /stock", func(w http.ResponseWriter, r *http.Request) {
		say(w, []map[string]any{{"sku": "tent-scree-2", "available": 7}})
	})
	for _, service := range []string{"payment", "inventory"} {
		mux.HandleFunc("GET /"+service+"/mode", func(w http.ResponseWriter, r *http.Request) {
			say(w, map[string]string{"mode": o.mode(service, "")})
		})
		mux.HandleFunc("POST /"+service+"/mode", func(w http.ResponseWriter, r *http.Request) {
			var m struct{ Mode string }
			json.NewDecoder(r.Body).Decode(&m)
			o.mode(service, m.Mode)
		})
	}
	mux.HandleFunc("GET /notifications", func(w http.ResponseWriter, r *http.Request) {
		say(w, []map[string]any{{"number": 1, "customer": "Ann", "order": "o1", "subject": "Thank <b>you</b>", "text": "a\nb", "because": "order.placed"}})
	})
	return mux
}

func say(w http.ResponseWriter, v any) { json.NewEncoder(w).Encode(v) }

// mode sets a mode, if there is one to set, and returns it.
func (o *orders) mode(service, mode string) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if mode != "" {
		o.modes[service] = mode
	}
	return o.modes[service]
}

func (o *orders) post(w http.ResponseWriter, r *http.Request) {
	var f fakeOrder
	if err := json.NewDecoder(r.Body).Decode(&f); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.Status, f.Revision, f.At = "allocated", 3, time.Date(2026, 5, 4, 10, 30, 0, 0, time.UTC)
	for _, l := range f.Lines {
		f.Cents += int64(l.Quantity) * l.Cents
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.placed++
	o.all = append(o.all, f)
	w.Header().Set("Cairn-Position", strconv.Itoa(40+o.placed))
	w.WriteHeader(http.StatusCreated)
	say(w, f)
}

func (o *orders) list(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, r.URL.RawQuery)
	say(w, o.all)
}

func (o *orders) find(id string) *fakeOrder {
	for i := range o.all {
		if o.all[i].ID == id {
			return &o.all[i]
		}
	}
	return nil
}

func (o *orders) get(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, r.URL.RawQuery)
	f := o.find(r.PathValue("id"))
	if f == nil {
		w.WriteHeader(http.StatusNotFound)
		say(w, rest.NotFound("such order"))
		return
	}
	then := *f
	if at := r.FormValue("at"); at != "" {
		then.Revision, _ = strconv.ParseInt(at, 10, 64)
		then.Status = []string{"created", "paid", "validated", f.Status}[then.Revision]
	}
	say(w, then)
}

func (o *orders) history(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.find(r.PathValue("id")) == nil {
		say(w, []int{})
		return
	}
	var all []map[string]any
	for i, t := range []string{"OrderPlaced", "OrderPaid", "OrderValidated", "OrderAllocated"} {
		all = append(all, map[string]any{"revision": i, "type": t, "at": time.Date(2026, 5, 4, 10, 30, i, 0, time.UTC), "data": map[string]any{"by": "<script>"}})
	}
	say(w, all)
}

// live says one thing and stays.
func (o *orders) live(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprint(w, "event: order\ndata: {}\n\n")
	http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

func (o *orders) cancel(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.find(r.PathValue("id")).Status = "cancelled"
}

// A street is a storefront with its neighbours, of whom some are real.
type street struct {
	orders
	url    string
	closed map[string]bool // services that do not answer
}

func open(t testing.TB) *street {
	db, err := sql.Open("sqlite", "file:"+t.TempDir()+"/shop.db?_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	c, err := catalogue.New(catalogue.Options{DB: db, Dialect: sqlinbox.SQLite})
	must(t, err)
	baskets, err := basket.SQL(context.Background(), db)
	must(t, err)
	b, err := basket.New(basket.Options{Store: baskets})
	must(t, err)
	documents, err := reviews.SQL(context.Background(), db, sqlinbox.SQLite)
	must(t, err)
	rv, err := reviews.New(reviews.Options{Documents: documents})
	must(t, err)
	s := &street{orders: orders{modes: map[string]string{"payment": "ok", "inventory": "ok"}}, closed: map[string]bool{}}
	services := map[string]http.Handler{"catalogue": c.Handler(), "basket": b.Handler(), "reviews": rv.Handler()}
	front, err := storefront.New(storefront.Options{
		Service: func(name string) *rest.Client {
			h := services[name]
			if h == nil {
				h = s.handler()
			}
			return &rest.Client{Name: name, URL: serve(t, s.mayClose(name, h))}
		},
		Window: "http://127.0.0.1:2113/ui", Logger: slog.New(slog.DiscardHandler),
	})
	must(t, err)
	s.url = serve(t, front.Handler())
	return s
}

func (s *street) close(name string, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed[name] = closed
}

// mayClose has a service hang up while it is closed.
func (s *street) mayClose(name string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		closed := s.closed[name]
		s.mu.Unlock()
		if closed {
			panic(http.ErrAbortHandler)
		}
		h.ServeHTTP(w, r)
	})
}

func serve(t testing.TB, h http.Handler) string {
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
