package searchtarget_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/searchtarget"
)

type tx = *searchtarget.Tx

// A server is one that tests run on, with names of indices that are the test's own.
type server struct {
	address string
	prefix  string
	fake    *fake // nil for a real one
}

// each runs a test on the imitation, and on a real server if there is one.
func each(t *testing.T, test func(t *testing.T, open func(t testing.TB) *server)) {
	t.Run("imitation", func(t *testing.T) { test(t, imitation) })
	t.Run("OpenSearch", func(t *testing.T) {
		if os.Getenv("CAIRN_TEST_OPENSEARCH") == "" {
			t.Skip("CAIRN_TEST_OPENSEARCH does not say where a server is")
		}
		test(t, real)
	})
}

func imitation(t testing.TB) *server {
	f := newFake(t)
	return &server{address: f.URL, prefix: "cairn-test-", fake: f}
}

func real(t testing.TB) *server {
	s := &server{address: os.Getenv("CAIRN_TEST_OPENSEARCH"), prefix: fmt.Sprintf("cairn-test-%08x-", rand.Uint32())}
	t.Cleanup(func() {
		var by map[string]any
		s.call(t, context.Background(), "GET", s.prefix+"*/_alias", nil, &by)
		for index := range by {
			s.call(t, context.Background(), "DELETE", index, nil, nil)
		}
	})
	return s
}

func (s *server) target(t testing.TB, change func(*searchtarget.Options)) *searchtarget.Target {
	t.Helper()
	o := &searchtarget.Options{Prefix: s.prefix, Refresh: searchtarget.Stored}
	if change != nil {
		change(o)
	}
	target, err := searchtarget.New(s.address, o)
	must(t, err)
	return target
}

// call is a request of the test's own. It returns the status.
func (s *server) call(t testing.TB, ctx context.Context, method, path string, body, v any) int {
	t.Helper()
	var b []byte
	if body != nil {
		b, _ = json.Marshal(body)
	}
	r, err := http.NewRequestWithContext(ctx, method, s.address+"/"+path, bytes.NewReader(b))
	must(t, err)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	must(t, err)
	defer answer.Body.Close()
	if v != nil {
		if err := json.NewDecoder(answer.Body).Decode(v); err != nil {
			t.Error(err)
		}
	}
	return answer.StatusCode
}

// A row is a document of the tests.
type row struct {
	K string `json:"k"`
	N any    `json:"n"`
}

var mappings = map[string]any{"mappings": map[string]any{"properties": map[string]any{
	"k": map[string]any{"type": "keyword"}, "n": map[string]any{"type": "long"}}}}

// rows searches for all documents of an index or alias.
func (s *server) rows(t testing.TB, ctx context.Context, name string) (map[string]int64, error) {
	if status := s.call(t, ctx, "POST", s.prefix+name+"/_refresh", nil, nil); status != 200 {
		return nil, fmt.Errorf("refresh of %s: %d", name, status)
	}
	var found struct {
		Hits struct {
			Hits []struct {
				Source struct {
					K string
					N int64
				} `json:"_source"`
			}
		}
	}
	if status := s.call(t, ctx, "POST", s.prefix+name+"/_search?size=10000", nil, &found); status != 200 {
		return nil, fmt.Errorf("search of %s: %d", name, status)
	}
	rows := map[string]int64{}
	for _, h := range found.Hits.Hits {
		rows[h.Source.K] = h.Source.N
	}
	return rows, nil
}

func move(key, from, to string) projection.Change {
	return projection.Change{Expect: []projection.Entry{{Key: key, Value: from}}, Put: []projection.Entry{{Key: key, Value: to}}}
}

// writing is a function for Update that writes one document.
func writing(at cairn.Position, name, id string, n any) func(context.Context, tx) error {
	return func(_ context.Context, tx tx) error { return tx.Index(at, name, id, row{id, n}) }
}

func making(names ...string) func(context.Context, tx) error {
	return func(ctx context.Context, tx tx) error {
		for _, name := range names {
			if err := tx.CreateIndex(ctx, name, mappings); err != nil {
				return err
			}
		}
		return nil
	}
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
