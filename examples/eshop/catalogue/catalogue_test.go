package catalogue_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cairndb/cairn/examples/eshop/catalogue"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/platform/platformtest"
)

func open(t testing.TB, db *platform.Database, o catalogue.Options) *catalogue.Service {
	t.Helper()
	o.DB, o.Dialect = db.DB, db.Dialect
	s, err := catalogue.New(o)
	must(t, err)
	return s
}

func list(t testing.TB, h http.Handler, query string) (names []string) {
	t.Helper()
	status, body := ask(t, h, "GET", "/products"+query, "")
	var all []catalogue.Product
	if err := json.Unmarshal([]byte(body), &all); err != nil || status != http.StatusOK {
		t.Fatalf("%s: %d %s", query, status, body)
	}
	for _, p := range all {
		names = append(names, p.SKU)
	}
	return names
}

// What is written is read, and a second start finds what the first one left.
func TestProducts(t *testing.T) {
	platformtest.Databases(t, func(t *testing.T, db *platform.Database) {
		h := open(t, db, catalogue.Options{}).Handler()
		if n := len(list(t, h, "")); n != len(catalogue.Seed()) {
			t.Fatalf("%d products to begin with", n)
		}
		status, body := ask(t, h, "PUT", "/products/rope-9", `{"name":"Rope","category":"Carry","cents":4500,"description":"50% off_ground"}`)
		if status != http.StatusOK || !strings.Contains(body, `"picture":"cairn"`) {
			t.Fatalf("put: %d %s", status, body)
		}
		ask(t, h, "PUT", "/products/rope-9", `{"name":"Line","category":"Climb","cents":4600,"discontinued":true,"description":"new","picture":"tarp"}`)
		h = open(t, db, catalogue.Options{}).Handler()
		if _, body := ask(t, h, "GET", "/products/rope-9", ""); strings.TrimSpace(body) != `{"sku":"rope-9","name":"Line","category":"Climb","description":"new","cents":4600,"picture":"tarp","discontinued":true}` {
			t.Errorf("a second start finds %s", body)
		}
		if status, _ := ask(t, h, "DELETE", "/products/rope-9", ""); status != http.StatusNoContent {
			t.Errorf("delete: %d", status)
		}
		for _, method := range []string{"GET", "DELETE"} {
			if status, body := ask(t, h, method, "/products/rope-9", ""); status != http.StatusNotFound || !strings.Contains(body, "rope-9") {
				t.Errorf("%s of what is gone: %d %s", method, status, body)
			}
		}
	})
}

// Texts are searched for as they are, whatever they mean to LIKE.
func TestSearch(t *testing.T) {
	platformtest.Databases(t, func(t *testing.T, db *platform.Database) {
		h := open(t, db, catalogue.Options{}).Handler()
		ask(t, h, "PUT", "/products/odd", `{"name":"Odd","category":"Carry","cents":1,"description":"100% a_b \\ ' OR 1=1"}`)
		for query, want := range map[string]string{
			"?q=100%25": "odd", "?q=a_b": "odd", "?q=%5C": "odd", "?q=%27+OR+1": "odd", "?q=a%25b": "", "?q=SCREE": "tent-scree-2",
			"?category=Shelter&q=gravel": "tent-scree-2", "?category=Sleep&q=gravel": "",
			"?category=Sleep": "bag-cirque mat-moraine pillow-fell blanket-heath",
		} {
			if got := strings.Join(list(t, h, query), " "); got != want {
				t.Errorf("%s finds %q, want %q", query, got, want)
			}
		}
	})
}

// What a field may not be is refused, with its name and limit.
func TestRefusals(t *testing.T) {
	db := platformtest.SQLite(t)
	h := open(t, db, catalogue.Options{}).Handler()
	long := func(n int) string { return strings.Repeat("é", n) }
	for name, c := range map[string]struct{ sku, body, want string }{
		"no name":          {"x", `{"category":"a","cents":1}`, `"field":"name"`},
		"long name":        {"x", `{"name":"` + long(81) + `","category":"a","cents":1}`, `"limit":80`},
		"long category":    {"x", `{"name":"a","category":"` + long(31) + `","cents":1}`, `"limit":30`},
		"long description": {"x", `{"name":"a","category":"a","cents":1,"description":"` + long(1001) + `"}`, `"limit":1000`},
		"control":          {"x", `{"name":"a\u0007","category":"a","cents":1}`, "control character"},
		"no price":         {"x", `{"name":"a","category":"a"}`, `"field":"cents"`},
		"price":            {"x", `{"name":"a","category":"a","cents":10000001}`, `"limit":10000000`},
		"picture":          {"x", `{"name":"a","category":"a","cents":1,"picture":"../picture"}`, `"field":"picture"`},
		"sku":              {"a%20b", `{"name":"a","category":"a","cents":1}`, `"field":"sku"`},
		"long sku":         {strings.Repeat("a", 41), `{"name":"a","category":"a","cents":1}`, `"limit":40`},
		"two SKUs":         {"x", `{"sku":"y","name":"a","category":"a","cents":1}`, `"field":"sku"`},
		"unknown":          {"x", `{"nom":"a"}`, `"field":"body"`},
		"two values":       {"x", `{"name":"a","category":"a","cents":1}{}`, `"field":"body"`},
		"no JSON":          {"x", "\xff\xfe", `"field":"body"`},
		"large":            {"x", `{"name":"` + strings.Repeat("a", 70000), `"limit":65536`},
	} {
		status, body := ask(t, h, "PUT", "/products/"+c.sku, c.body)
		if status/100 != 4 || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s, want %s", name, status, body, c.want)
		}
	}
	if status, _ := ask(t, h, "GET", "/products/x", ""); status != http.StatusNotFound {
		t.Errorf("something was written: %d", status)
	}
	if status, body := ask(t, h, "GET", "/products?q="+strings.Repeat("a", 81), ""); status != http.StatusBadRequest || !strings.Contains(body, `"limit":80`) {
		t.Errorf("long search: %d %s", status, body)
	}
}

// Every product has a drawing, whose answer lets nothing run.
func TestPictures(t *testing.T) {
	db := platformtest.SQLite(t)
	h := open(t, db, catalogue.Options{}).Handler()
	for _, p := range catalogue.Seed() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", "/products/"+p.SKU+"/picture", nil))
		if !strings.HasPrefix(w.Body.String(), "<svg ") || !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: %d %v", p.SKU, w.Code, w.Header())
		}
	}
	if status, _ := ask(t, h, "GET", "/products/none/picture", ""); status != http.StatusNotFound {
		t.Errorf("no product: %d", status)
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
