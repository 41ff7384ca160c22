package reviews_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/eshop/platform"
	"github.com/cairndb/cairn/examples/eshop/platform/platformtest"
	"github.com/cairndb/cairn/examples/eshop/reviews"
)

// each runs a test on every kind of documents.
func each(t *testing.T, test func(t *testing.T, d reviews.Documents)) {
	platformtest.Databases(t, func(t *testing.T, db *platform.Database) {
		documents, err := reviews.SQL(t.Context(), db.DB, db.Dialect)
		must(t, err)
		test(t, documents)
	})
	t.Run("mongo", func(t *testing.T) { test(t, mongoDocuments(t)) })
}

// mongoDocuments are those of a collection of the test's own, where CAIRN_TEST_MONGODB
// says that there is a MongoDB.
func mongoDocuments(t *testing.T) reviews.Documents {
	url := os.Getenv("CAIRN_TEST_MONGODB")
	if url == "" {
		t.Skip("no MongoDB: CAIRN_TEST_MONGODB is not set")
	}
	client, err := mongo.Connect(options.Client().ApplyURI(url).SetServerSelectionTimeout(5 * time.Second))
	must(t, err)
	c := client.Database("test").Collection(fmt.Sprintf("reviews_%08x", rand.Uint32()))
	t.Cleanup(func() { c.Drop(context.Background()); client.Disconnect(context.Background()) })
	documents, err := reviews.Mongo(t.Context(), c)
	must(t, err)
	return documents
}

func open(t testing.TB, documents reviews.Documents) http.Handler {
	s, err := reviews.New(reviews.Options{Documents: documents})
	must(t, err)
	return s.Handler()
}

func TestReviews(t *testing.T) {
	each(t, func(t *testing.T, d reviews.Documents) {
		h := open(t, d)
		if _, body := ask(t, h, "GET", "/reviews/tent", ""); strings.TrimSpace(body) != "[]" {
			t.Errorf("none: %s", body)
		}
		if _, body := ask(t, h, "GET", "/ratings", ""); strings.TrimSpace(body) != "[]" {
			t.Errorf("no ratings: %s", body)
		}
		hostile := "<script>alert(1)</script>' \"; DROP TABLE x; $ne é\u2028\U0001F9F1"
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
	})
}

func TestRefusals(t *testing.T) {
	db := platformtest.SQLite(t)
	documents, err := reviews.SQL(t.Context(), db.DB, db.Dialect)
	must(t, err)
	h := open(t, documents)
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
