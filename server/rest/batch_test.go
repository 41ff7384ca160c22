package rest_test

import (
	"strings"
	"testing"
)

func TestBatch(t *testing.T) {
	w := newWorld(t)
	w.put("a", "1", "2")
	w.put("old", "1")
	a := w.want(w.do("POST", "/batches", `{
		"writes": [
			{"stream":"a","expected":1,"events":[{"type":"3"}]},
			{"stream":"b","expected":"no-stream","events":[{"type":"1"},{"type":"2","tags":["t"]}]},
			{"stream":"old","delete":"soft"}
		],
		"conditions": [
			{"stream":"c","expected":"no-stream"},
			{"query":[{"types":["9"]},{"tags":["t"],"categories":["b"]}],"after":0}
		]
	}`), 201)
	if want := `{"position":7,"revisions":[2,1,0],"duplicate":false}`; a.body != want {
		t.Errorf("got %s, want %s", a.body, want)
	}
	p := w.problem(w.do("POST", "/batches", `{
		"writes": [{"stream":"a","expected":"no-stream","events":[{"type":"4"}]}],
		"conditions": [{"stream":"b","expected":0},{"query":[{"tags":["t"]}],"after":3}]
	}`), 409, "conflict")
	if p.Stream != "a" || p.Expected != "no-stream" || p.Actual != 2.0 || len(p.Conflicts) != 3 {
		t.Fatalf("got %+v", p)
	}
	if c := p.Conflicts[2]; c.Stream != "" || c.After == nil || *c.After != 3 || len(c.Positions) != 1 || c.Positions[0] != 6 {
		t.Errorf("got %+v", c)
	}
	a = w.want(w.do("POST", "/batches", `{"conditions":[{"stream":"b","expected":1}]}`), 200)
	if !strings.Contains(a.body, `"position":0,"revisions":[]`) {
		t.Errorf("got %s", a.body)
	}
	a = w.want(w.do("POST", "/batches", `{"writes":[{"stream":"x","delete":"tombstone"}]}`, "Idempotency-Key", "k"), 201)
	w.want(w.do("POST", "/batches", `{"writes":[{"stream":"x","delete":"tombstone"}],"key":"k"}`), 200)
}

func TestBatchRefuses(t *testing.T) {
	for _, c := range []struct{ name, body, field, detail string }{
		{"nothing", ``, "body", "is empty"},
		{"a list", `[]`, "body", "not a JSON object"},
		{"misspelt", `{"write":[]}`, "write", "is not known here"},
		{"twice", `{"writes":[],"writes":[]}`, "writes", "stands twice"},
		{"no list", `{"writes":{}}`, "writes", "is not a list"},
		{"null", `{"writes":null}`, "writes", "is not a list"},
		{"misspelt write", `{"writes":[{"streams":"a"}]}`, "writes[0].streams", "is not known here"},
		{"no stream", `{"writes":[{"stream":"a"},{"events":[]}]}`, "writes[1].stream", "must not be empty"},
		{"misspelt event", `{"writes":[{"stream":"a","events":[{"type":"T"},{"tpye":"T"}]}]}`, "writes[0].events[1].tpye", "is not known here"},
		{"expectation", `{"writes":[{"stream":"a","expected":-1}]}`, "writes[0].expected", "neither a revision"},
		{"fraction", `{"writes":[{"stream":"a","expected":1.0}]}`, "writes[0].expected", "neither a revision"},
		{"number as text", `{"writes":[{"stream":"a","expected":"1"}]}`, "writes[0].expected", "neither a revision"},
		{"deletion", `{"writes":[{"stream":"a","delete":"hard"}]}`, "writes[0].delete", "neither"},
		{"deletion with events", `{"writes":[{"stream":"a","delete":"soft","events":[{"type":"T"}]}]}`, "events", "has no events"},
		{"half a condition", `{"conditions":[{"stream":"a"}]}`, "conditions[0]", "belong together"},
		{"other half", `{"conditions":[{"query":[{"types":["a"]}]}]}`, "conditions[0]", "belong together"},
		{"both forms", `{"conditions":[{"stream":"a","expected":1,"query":[{"types":["a"]}],"after":1}]}`, "conditions[0].query", "not both"},
		{"condition on any", `{"conditions":[{"stream":"a","expected":"any"}]}`, "conditions[0].expected", "is not a revision"},
		{"empty query", `{"conditions":[{"query":[],"after":0}]}`, "conditions[0].query", "matches nothing"},
		{"empty list", `{"conditions":[{"query":[{"types":[]}],"after":0}]}`, "conditions[0].query[0].types", "matches nothing"},
		{"misspelt filter", `{"conditions":[{"query":[{"type":["a"]}],"after":0}]}`, "conditions[0].query[0].type", "is not known here"},
		{"position", `{"conditions":[{"query":[{"types":["a"]}],"after":"0"}]}`, "conditions[0].after", "is not a number"},
		{"key", `{"key":1}`, "key", "not a string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			a := w.do("POST", "/batches", c.body, "Content-Type", asIs)
			if p := w.problem(a, 400, "invalid"); p.Field != c.field || !strings.Contains(p.Detail, c.detail) {
				t.Errorf("got field %q, %q; want %q, %q", p.Field, p.Detail, c.field, c.detail)
			}
		})
	}
	w := newWorld(t)
	if p := w.problem(w.do("POST", "/batches", `{"key":"a"}`, "Idempotency-Key", "b"), 400, "invalid"); p.Field != "Idempotency-Key" {
		t.Errorf("got %+v", p)
	}
}

func TestMetadata(t *testing.T) {
	w := newWorld(t)
	w.put("s", "a", "b", "c")
	a := w.want(w.do("GET", "/streams/s/metadata", ""), 200)
	if a.body != `{}` || a.Header.Get("ETag") != "" {
		t.Errorf("got %s, ETag %s", a.body, a.Header.Get("ETag"))
	}
	text := `{"$acl":{"$r":["$all"],"$w":["ann"]},"$maxAge":60,"$maxCount":2,"big":12345678901234567890,"owner":{"name":"ann"}}`
	a = w.want(w.do("PUT", "/streams/s/metadata", text, "If-None-Match", "*"), 201)
	if got := unmarshal[receipt](t, a); got.Stream != "$$s" || got.Revision != 0.0 || a.Header.Get("ETag") != `"0"` {
		t.Errorf("got %+v, ETag %s", got, a.Header.Get("ETag"))
	}
	a = w.want(w.do("GET", "/streams/s/metadata", ""), 200)
	if a.body != text || a.Header.Get("ETag") != `"0"` {
		t.Errorf("got %s, ETag %s", a.body, a.Header.Get("ETag"))
	}
	w.want(w.do("GET", "/streams/s/metadata", "", "If-None-Match", `"0"`), 304)
	w.problem(w.do("PUT", "/streams/s/metadata", `{}`, "If-None-Match", "*"), 412, "conflict")
	if got, _ := w.pages("/streams/s"); got[0] != "b c" {
		t.Errorf("got %q, want the last two", got)
	}
	w.want(w.do("PUT", "/streams/s/metadata", "{\"$maxCount\": 1,\n \"$acl\":{\"$r\":\"ann\"}}", "If-Match", `"0"`), 201)
	if got, _ := w.pages("/streams/s"); got[0] != "c" {
		t.Errorf("got %q, want the last", got)
	}
}

func TestMetadataRefuses(t *testing.T) {
	for body, field := range map[string]string{
		``:                            "body",
		`[]`:                          "body",
		`{"$maxcount":1}`:             "$maxcount",
		`{"$maxCount":"1"}`:           "$maxCount",
		`{"$maxCount":-1}`:            "$maxCount",
		`{"$maxAge":1.5}`:             "$maxAge",
		`{"$tb":9223372036854775807}`: "$tb",
		`{"a":1,"a":2}`:               "a",
		`{"$acl":1}`:                  "$acl",
		`{"$acl":{"$x":[]}}`:          "$acl.$x",
		`{"$acl":{"$r":[1]}}`:         "$acl.$r",
	} {
		w := newWorld(t)
		w.put("s", "a")
		if p := w.problem(w.do("PUT", "/streams/s/metadata", body, "Content-Type", asIs), 400, "invalid"); p.Field != field {
			t.Errorf("%s: got field %q, want %q", body, p.Field, field)
		}
	}
	w := newWorld(t)
	for _, a := range []answer{w.do("PUT", "/streams/$$s/metadata", `{}`), w.do("DELETE", "/streams/$$s", "")} {
		if p := w.problem(a, 400, "invalid"); p.Field != "stream" {
			t.Errorf("got %+v", p)
		}
	}
}
