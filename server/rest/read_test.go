package rest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
)

type item struct {
	ID, Stream, Type   string
	Revision, Position int
}

type events struct {
	Stream     string
	Last       any
	Checkpoint *int
	Events     []item
	Next       string
}

// types are the types of the events of a page.
func (e *events) types() string {
	var all []string
	for _, one := range e.Events {
		all = append(all, one.Type)
	}
	return strings.Join(all, " ")
}

// pages follows the links from a path to the end.
func (w *world) pages(path string) (all []string, last events) {
	w.Helper()
	for path != "" {
		a := w.want(w.do("GET", path, ""), 200)
		last = unmarshal[events](w.T, a)
		all = append(all, last.types())
		if link := a.Header.Get("Link"); (link != "") != (last.Next != "") || last.Next != "" && link != "<"+last.Next+`>; rel="next"` {
			w.Fatalf("the header says %s, the body %s", link, last.Next)
		}
		path = strings.TrimPrefix(last.Next, api)
	}
	return all, last
}

func TestPages(t *testing.T) {
	w := newWorld(t)
	w.put("a-1", "1", "2", "3")
	w.put("b/ü 1", "4")
	w.put("a-1", "5", "6")
	w.put("$sys", "7")
	for path, want := range map[string]string{
		"/streams/a-1":                                    "1 2 3 5 6",
		"/streams/a-1?limit=2":                            "1 2|3 5|6",
		"/streams/a-1?limit=5":                            "1 2 3 5 6",
		"/streams/a-1?from=1&before=4&limit=2":            "2 3|5",
		"/streams/a-1?backward&limit=2":                   "6 5|3 2|1",
		"/streams/a-1?backward=true&from=1&limit=3":       "6 5 3|2",
		"/streams/a-1?backward=false&from=9":              "",
		"/streams/b%2F%C3%BC%201":                         "4",
		"/events":                                         "1 2 3 4 5 6 7",
		"/events?limit=3":                                 "1 2 3|4 5 6|7",
		"/events?noSystem&limit=3":                        "1 2 3|4 5 6",
		"/events?after=2&before=6":                        "3 4 5",
		"/events?after=9":                                 "",
		"/events?backward&limit=4":                        "7 6 5 4|3 2 1",
		"/events?backward&before=3&limit=1":               "2|1",
		"/events?category=a&type=2&type=5&limit=1":        "2|5",
		"/events?prefix=b&prefix=$":                       "4 7",
		"/events?stream=b%2F%C3%BC+1&stream=$sys&limit=1": "4|7",
	} {
		t.Run(path, func(t *testing.T) {
			w := &world{t, w.store, w.handler}
			if got, _ := w.pages(path); strings.Join(got, "|") != want {
				t.Errorf("got %q, want %q", strings.Join(got, "|"), want)
			}
		})
	}
}

func TestByCorrelation(t *testing.T) {
	w := newWorld(t)
	for typ, correlation := range map[string]string{"1": "a b", "2": "a b&", "3": ""} {
		body := fmt.Sprintf(`{"type":%q,"metadata":{"$correlationId":%q}}`, typ, correlation)
		w.want(w.do("POST", "/streams/a-1", body, "Content-Type", "application/json"), 201)
	}
	for path, want := range map[string]string{
		"/events?correlation=a+b":                         "1",
		"/events?correlation=a+b%26&category=a":           "2",
		"/events?correlation=a+b&tag=x":                   "",
		"/events?tag=%24correlation%3Aa+b":                "1",
		"/events?correlation=a+b&correlation=a+b%26":      "400",
		"/events?correlation=":                            "400",
		"/events?correlation=" + strings.Repeat("x", 500): "400",
		"/streams/a-1?correlation=a+b":                    "400",
	} {
		if want == "400" {
			w.want(w.do("GET", path, ""), 400)
		} else if got, _ := w.pages(path); strings.Join(got, "|") != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// TestCheckpoint holds that reading after a checkpoint again and again gives
// every event once.
func TestCheckpoint(t *testing.T) {
	w := newWorld(t)
	at, seen := 0, ""
	for n := range 5 {
		w.put("a", fmt.Sprint(n))
		w.put("b", "x")
		_, last := w.pages(fmt.Sprintf("/events?stream=a&limit=1&after=%d", at))
		if last.Checkpoint == nil {
			t.Fatal("no checkpoint")
		}
		at, seen = *last.Checkpoint, seen+last.types()
	}
	if at != 10 || seen != "01234" {
		t.Errorf("came to %d with %q, want 10 with 01234", at, seen)
	}
}

func TestPageIsBoundedByBytes(t *testing.T) {
	w := newWorld(t)
	large := cairn.Event{Type: "large", Data: []byte(`"` + strings.Repeat("x", 3<<20) + `"`)}
	if _, err := w.store.Append(t.Context(), "s", cairn.NoStream, large, large, large); err != nil {
		t.Fatal(err)
	}
	if got, _ := w.pages("/streams/s"); strings.Join(got, "|") != "large large|large" {
		t.Errorf("got %q, want a page to end behind 4 MiB", got)
	}
}

func TestRefusedReads(t *testing.T) {
	for path, field := range map[string]string{
		"/streams/s?limit=1001":                 "limit",
		"/streams/s?limit=0":                    "limit",
		"/streams/s?limit=x":                    "limit",
		"/streams/s?from=-1":                    "from",
		"/streams/s?before=9223372036854775808": "before",
		"/streams/s?backward=yes":               "backward",
		"/streams/s?after=1":                    "after",
		"/streams/s?follow&backward":            "follow",
		"/streams/s/x":                          "revision",
		"/streams/s/9223372036854775807":        "revision",
		"/streams/s/0?limit=1":                  "limit",
		"/events?type=":                         "query[0].types[0]",
		"/events?category=a-b":                  "query[0].categories[0]",
		"/events?category=a&prefix=b":           "query[0].prefixes",
		"/events?from=1":                        "from",
		"/events?follow&backward":               "follow",
		"/events/-1":                            "position",
		"/info?x=1":                             "x",
		"/openapi.json?x":                       "x",
		"/streams?stream=a":                     "stream",
		"/streams?prefix=":                      "query[0].prefixes[0]",
		"/streams/s/metadata?x=1":               "x",
	} {
		t.Run(path, func(t *testing.T) {
			w := newWorld(t)
			w.put("s", "a")
			if p := w.problem(w.do("GET", path, ""), 400, "invalid"); p.Field != field {
				t.Errorf("got field %q, want %q: %s", p.Field, field, p.Detail)
			}
		})
	}
}

func TestTagOfStream(t *testing.T) {
	w := newWorld(t)
	w.put("s", "a", "b")
	a := w.want(w.do("GET", "/streams/s?limit=1", ""), 200)
	tag := a.Header.Get("ETag")
	if tag != `"1"` || a.Header.Get("Cache-Control") != "private, no-cache" {
		t.Fatalf("got ETag %s, Cache-Control %s", tag, a.Header.Get("Cache-Control"))
	}
	for _, given := range []string{tag, "W/" + tag, `"0", ` + tag} {
		if a := w.want(w.do("GET", "/streams/s?limit=1", "", "If-None-Match", given), 304); a.body != "" || a.Header.Get("ETag") != tag {
			t.Errorf("If-None-Match %s: got %q, ETag %s", given, a.body, a.Header.Get("ETag"))
		}
	}
	w.put("s", "c")
	if a := w.want(w.do("GET", "/streams/s?limit=1", "", "If-None-Match", tag), 200); a.Header.Get("ETag") != `"2"` {
		t.Errorf("got ETag %s", a.Header.Get("ETag"))
	}
	w.want(w.do("POST", "/streams/s", `{"type":"d"}`, "If-Match", tag), 412)
	if err := setMaxAge(w, "s", 60); err != nil {
		t.Fatal(err)
	}
	if a := w.want(w.do("GET", "/streams/s/0", "", "If-None-Match", `"7"`), 200); a.Header.Get("Cache-Control") != "private, max-age=60" || a.Header.Get("ETag") != `"0"` {
		t.Errorf("got Cache-Control %s, ETag %s", a.Header.Get("Cache-Control"), a.Header.Get("ETag"))
	}
	w.want(w.do("GET", "/streams/s/0", "", "If-None-Match", `"0"`), 304)
}

func setMaxAge(w *world, stream string, seconds int) error {
	_, err := w.store.Append(w.Context(), "$$"+stream, cairn.Any, cairn.Event{Type: cairn.TypeMetadata, Data: fmt.Appendf(nil, `{"$cacheControl":%d}`, seconds)})
	return err
}
