package reviewstest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/eshop/reviews"
)

// testService asks a service that keeps its reviews there.
func testService(t *testing.T, open func() reviews.Documents) {
	s, err := reviews.New(reviews.Options{Documents: open()})
	must(t, err)
	h := s.Handler()
	if _, body := ask(t, h, "GET", "/reviews/tent", ""); strings.TrimSpace(body) != "[]" {
		t.Errorf("none: %s", body)
	}
	if _, body := ask(t, h, "GET", "/ratings", ""); strings.TrimSpace(body) != "[]" {
		t.Errorf("no ratings: %s", body)
	}
	said, err := json.Marshal(map[string]any{"id": "01890000-0000-7000-8000-000000000001", "customer": "Ann", "stars": 4, "text": hostile})
	must(t, err)
	ask(t, h, "POST", "/reviews/tent", string(said))
	id := cairn.NewID().String()
	for range 3 { // a retry
		ask(t, h, "POST", "/reviews/tent", `{"id":"`+id+`","customer":"Bob","stars":1,"text":"no"}`)
	}
	ask(t, h, "POST", "/reviews/map", `{"customer":"Bob","stars":5,"text":"yes"}`)
	var all []reviews.Review
	_, body := ask(t, h, "GET", "/reviews/tent", "")
	must(t, json.Unmarshal([]byte(body), &all))
	if len(all) != 2 || all[0].ID != id || all[1].Text != hostile || all[1].Stars != 4 || time.Since(all[1].At) > time.Minute {
		t.Errorf("reviews: %+v", all)
	}
	if _, body := ask(t, h, "GET", "/ratings", ""); strings.TrimSpace(body) != `[{"sku":"map","count":1,"stars":5},{"sku":"tent","count":2,"stars":5}]` {
		t.Errorf("ratings: %s", body)
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
