package rest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/access"
	"github.com/cairndb/cairn/server/rest"
	"github.com/cairndb/cairn/storetest"
)

const (
	api   = rest.Prefix
	asIs  = "application/json"
	lines = "application/x-ndjson"
)

// A world is a store and the handler over it.
type world struct {
	*testing.T
	store   cairn.Store
	handler http.Handler
}

func newWorld(t *testing.T) *world { return withOptions(t, rest.Options{}) }

func withOptions(t *testing.T, o rest.Options) *world {
	return withStore(t, storetest.NewReference(), o)
}

func withStore(t *testing.T, store cairn.Store, o rest.Options) *world {
	return &world{t, store, rest.New(store, access.Open(), o)}
}

// do sends a request and holds it and its answer to the document. Headers are
// pairs of name and value; a body is JSON unless they say otherwise.
func (w *world) do(method, path, body string, headers ...string) answer {
	w.Helper()
	r := httptest.NewRequest(method, api+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", asIs)
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	header := r.Header.Clone()
	recorded := httptest.NewRecorder()
	w.handler.ServeHTTP(recorded, r)
	return w.read(method, path, body, header, recorded.Result())
}

func (w *world) read(method, path, body string, header http.Header, response *http.Response) answer {
	w.Helper()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		w.Fatal(err)
	}
	a := answer{response, string(b)}
	check(w.T, method, api+path, body, header, a)
	return a
}

// want fails unless the answer has the status.
func (w *world) want(a answer, status int) answer {
	w.Helper()
	if a.StatusCode != status {
		w.Fatalf("got status %d, want %d: %s", a.StatusCode, status, a.body)
	}
	return a
}

// problem reads a problem document.
func (w *world) problem(a answer, status int, kind string) (p problem) {
	w.Helper()
	w.want(a, status)
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		w.Fatal(err)
	}
	if _, name, _ := strings.Cut(p.Type, "#"); name != kind || p.Status != status || a.Header.Get("Content-Type") != "application/problem+json" {
		w.Fatalf("got a problem of kind %q, want %q: %s", name, kind, a.body)
	}
	return p
}

type problem struct {
	Type, Title, Detail, Field, Stream, State string
	Status, Limit, Line                       int
	Expected, Actual                          any
	Positions                                 []int
	Conflicts                                 []struct {
		Stream           string
		Expected, Actual any
		After            *int
		Positions        []int
	}
	Import struct{ Lines, Stored, Duplicates, Invalid int }
}

// put appends events of a type to a stream, past the API.
func (w *world) put(stream string, types ...string) {
	w.Helper()
	for _, kind := range types {
		if _, err := w.store.Append(w.Context(), stream, cairn.Any, cairn.Event{Type: kind, Data: []byte(`{"n":1}`)}); err != nil {
			w.Fatal(err)
		}
	}
}

// unmarshal reads a document.
func unmarshal[T any](t *testing.T, a answer) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	return v
}
