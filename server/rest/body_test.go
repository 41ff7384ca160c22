package rest_test

import (
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/rest"
	"github.com/cairndb/cairn/storetest"
)

// TestBodyThatDoesNotCome holds that a slow body is not waited for, and that what
// came of an import is stored.
func TestBodyThatDoesNotCome(t *testing.T) {
	for path, want := range map[string]string{"/import": `"stored":10`, "/streams/s": `"status":408`, "/nothing": `"status":404`} {
		t.Run(path, func(t *testing.T) {
			s := serve(t, storetest.NewReference(), rest.Options{ReadTimeout: 100 * time.Millisecond})
			c, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(s.url, "http://"), api))
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(deadline))
			kind := lines
			if path == "/streams/s" {
				kind = asIs
			}
			fmt.Fprintf(c, "POST %s%s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 100000\r\n\r\n%s", api, path, kind, many(0, 10))
			answered, err := io.ReadAll(c)
			if err != nil || !strings.Contains(string(answered), want) {
				t.Errorf("got %s, %v; want %s in it", answered, err, want)
			}
		})
	}
}

func TestBodies(t *testing.T) {
	w := withOptions(t, rest.Options{MaxBody: 100})
	event := `{"type":"T"}`
	for _, c := range []struct {
		name, path, body, contentType string
		status                        int
		kind                          string
	}{
		{"too long", "/streams/s", `{"type":"` + strings.Repeat("T", 100) + `"}`, asIs, 413, "too-large"},
		{"no type", "/streams/s", event, "", 415, "unsupported-media-type"},
		{"form", "/streams/s", event, "application/x-www-form-urlencoded", 415, "unsupported-media-type"},
		{"broken type", "/streams/s", event, "application/", 415, "unsupported-media-type"},
		{"latin", "/streams/s", event, "application/json; charset=latin1", 415, "unsupported-media-type"},
		{"batch as lines", "/batches", `{}`, lines, 415, "unsupported-media-type"},
		{"import as JSON", "/import", `{}`, asIs, 415, "unsupported-media-type"},
		{"metadata as text", "/streams/s/metadata", `{}`, "text/plain", 415, "unsupported-media-type"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := &world{t, w.store, w.handler}
			method := "POST"
			if strings.HasSuffix(c.path, "metadata") {
				method = "PUT"
			}
			if p := w.problem(w.do(method, c.path, c.body, "Content-Type", c.contentType), c.status, c.kind); c.status == 413 && p.Limit != 100 {
				t.Errorf("got %+v", p)
			}
		})
	}
	w.want(w.do("POST", "/streams/s", event, "Content-Type", "application/json; charset=UTF-8"), 201)
	w.problem(w.do("POST", "/streams/s", event, "Content-Encoding", "gzip"), 415, "unsupported-media-type")
	if p := newWorld(t).problem(newWorld(t).do("POST", "/streams/s", `{"type":"T","data":"`+strings.Repeat("x", cairn.MaxEventSize)+`"}`), 413, "too-large"); p.Limit != cairn.MaxEventSize {
		t.Errorf("got %+v", p)
	}
}

func TestCORS(t *testing.T) {
	for origins, want := range map[string]string{"": "", "https://shop.example": "https://shop.example"} {
		o := rest.Options{}
		if origins != "" {
			o.CORS = []string{origins}
		}
		w := withOptions(t, o)
		r := httptest.NewRequest("OPTIONS", api+"/streams/s", nil)
		for name, v := range map[string]string{"Origin": "https://shop.example", "Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "if-match"} {
			r.Header.Set(name, v)
		}
		recorded := httptest.NewRecorder()
		w.handler.ServeHTTP(recorded, r)
		if got := recorded.Header().Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("origins %q: got %q, want %q", origins, got, want)
		}
		if a := w.do("GET", "/info", "", "Origin", "https://evil.example"); a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Error("another origin was let in")
		}
	}
}
