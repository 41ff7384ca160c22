package basket_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cairndb/cairn/examples/eshop/basket"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/platform/platformtest"
)

// stores runs a test on each kind of store, which is empty.
func stores(t *testing.T, test func(t *testing.T, s basket.Store)) {
	platformtest.Databases(t, func(t *testing.T, db *platform.Database) {
		s, err := basket.SQL(t.Context(), db.DB)
		must(t, err)
		test(t, s)
	})
	t.Run("redis", func(t *testing.T) {
		client, prefix := platformtest.Redis(t)
		test(t, basket.Redis(client, prefix))
	})
}

func open(t testing.TB, store basket.Store) http.Handler {
	s, err := basket.New(basket.Options{Store: store})
	must(t, err)
	return s.Handler()
}

func TestLines(t *testing.T) {
	stores(t, func(t *testing.T, store basket.Store) {
		h := open(t, store)
		expect := func(session, want string) {
			t.Helper()
			if _, body := ask(t, h, "GET", "/baskets/"+session, ""); strings.TrimSpace(body) != want {
				t.Errorf("%s has %s, want %s", session, body, want)
			}
		}
		expect("ann", "[]")
		ask(t, h, "PUT", "/baskets/ann/tent", `{"name":"Tent","quantity":1,"cents":100}`)
		ask(t, h, "PUT", "/baskets/ann/tent", `{"name":"Tent","quantity":3,"cents":90}`)
		ask(t, h, "PUT", "/baskets/ann/map", `{"name":"A map","quantity":1,"cents":5}`)
		ask(t, h, "PUT", "/baskets/bob/map", `{"name":"A map","quantity":1,"cents":5}`)
		expect("ann", `[{"sku":"map","name":"A map","quantity":1,"cents":5},{"sku":"tent","name":"Tent","quantity":3,"cents":90}]`)
		h = open(t, store) // as after a restart
		ask(t, h, "DELETE", "/baskets/ann/map", "")
		expect("ann", `[{"sku":"tent","name":"Tent","quantity":3,"cents":90}]`)
		ask(t, h, "DELETE", "/baskets/ann", "")
		expect("ann", "[]")
		expect("bob", `[{"sku":"map","name":"A map","quantity":1,"cents":5}]`)
	})
}

func TestFull(t *testing.T) {
	stores(t, func(t *testing.T, store basket.Store) {
		h := open(t, store)
		put := func(sku string) int {
			status, _ := ask(t, h, "PUT", "/baskets/ann/"+sku, `{"name":"x","quantity":1,"cents":1}`)
			return status
		}
		for i := range basket.MaxLines {
			if status := put(fmt.Sprint("p", i)); status != http.StatusOK {
				t.Fatalf("line %d: %d", i, status)
			}
		}
		if status := put("one-more"); status != http.StatusBadRequest {
			t.Errorf("one too many: %d", status)
		}
		if status := put("p3"); status != http.StatusOK {
			t.Errorf("one that is there already: %d", status)
		}
	})
}

func TestRefusals(t *testing.T) {
	store, err := basket.SQL(t.Context(), platformtest.SQLite(t).DB)
	must(t, err)
	h := open(t, store)
	for name, c := range map[string]struct{ path, body, want string }{
		"session":      {"/baskets/a.b/x", `{"name":"a","quantity":1,"cents":1}`, `"field":"session"`},
		"long session": {"/baskets/" + strings.Repeat("a", 65) + "/x", `{"name":"a","quantity":1,"cents":1}`, `"limit":64`},
		"sku":          {"/baskets/a/%3Cb%3E", `{"name":"a","quantity":1,"cents":1}`, `"field":"sku"`},
		"name":         {"/baskets/a/x", `{"name":"` + strings.Repeat("a", 81) + `","quantity":1,"cents":1}`, `"limit":80`},
		"none":         {"/baskets/a/x", `{"name":"a","quantity":0,"cents":1}`, `"field":"quantity"`},
		"many":         {"/baskets/a/x", `{"name":"a","quantity":100,"cents":1}`, `"limit":99`},
		"free":         {"/baskets/a/x", `{"name":"a","quantity":1,"cents":-1}`, `"field":"cents"`},
		"number":       {"/baskets/a/x", `{"name":"a","quantity":99999999999999999999,"cents":1}`, `"field":"body"`},
	} {
		if status, body := ask(t, h, "PUT", c.path, c.body); status != http.StatusBadRequest || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s, want %s", name, status, body, c.want)
		}
	}
}

// ask sends a request and returns the status and the body.
func ask(t testing.TB, h http.Handler, method, path, body string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, strings.NewReader(body)))
	return w.Code, w.Body.String()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
