package reviews_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/platform/platformtest"
	"github.com/cairndb/cairn/examples/eshop/reviews"
	"github.com/cairndb/cairn/examples/eshop/reviews/reviewstest"
)

// TestSQL holds tables to the contract; compat/mongodb does so with MongoDB.
func TestSQL(t *testing.T) {
	for name, database := range map[string]func(testing.TB) *platform.Database{"sqlite": platformtest.SQLite, "postgres": platformtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			reviewstest.Documents(t, func(t *testing.T) func() reviews.Documents {
				db := database(t)
				return func() reviews.Documents {
					documents, err := reviews.SQL(t.Context(), db.DB, db.Dialect)
					must(t, err)
					return documents
				}
			})
		})
	}
}

func TestRefusals(t *testing.T) {
	db := platformtest.SQLite(t)
	documents, err := reviews.SQL(t.Context(), db.DB, db.Dialect)
	must(t, err)
	s, err := reviews.New(reviews.Options{Documents: documents})
	must(t, err)
	h := s.Handler()
	for name, c := range map[string]struct{ path, body, want string }{
		"stars":    {"/reviews/a", `{"customer":"Ann","stars":6,"text":"x"}`, `"limit":5`},
		"no stars": {"/reviews/a", `{"customer":"Ann","text":"x"}`, `"field":"stars"`},
		"text":     {"/reviews/a", `{"customer":"Ann","stars":5,"text":"` + strings.Repeat("a", 1001) + `"}`, `"limit":1000`},
		"no text":  {"/reviews/a", `{"customer":"Ann","stars":5}`, `"field":"text"`},
		"customer": {"/reviews/a", `{"customer":"` + strings.Repeat("a", 41) + `","stars":5,"text":"x"}`, `"limit":40`},
		"id":       {"/reviews/a", `{"id":"1","customer":"Ann","stars":5,"text":"x"}`, `"field":"id"`},
		"sku":      {"/reviews/a.b", `{"customer":"Ann","stars":5,"text":"x"}`, `"field":"sku"`},
	} {
		if status, body := ask(t, h, "POST", c.path, c.body); status != http.StatusBadRequest || !strings.Contains(body, c.want) {
			t.Errorf("%s: %d %s, want %s", name, status, body, c.want)
		}
	}
	if _, err := reviews.New(reviews.Options{}); err == nil {
		t.Error("a service without documents")
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
