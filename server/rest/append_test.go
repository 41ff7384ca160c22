package rest_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
)

const id = "266a1bd3-2d87-4005-9efe-e31a3aadefc3"

type receipt struct {
	Stream    string
	Revision  any
	Position  int
	Duplicate bool
}

func TestAppend(t *testing.T) {
	w := newWorld(t)
	a := w.want(w.do("POST", "/streams/order-1", `{"type":"order.placed","data":{"total":12}}`), 201)
	if a.Header.Get("ETag") != `"0"` || a.Header.Get("Location") != api+"/streams/order-1/0" {
		t.Errorf("got ETag %s and Location %s", a.Header.Get("ETag"), a.Header.Get("Location"))
	}
	if got := unmarshal[receipt](t, a); got != (receipt{"order-1", 0.0, 1, false}) {
		t.Errorf("got %+v", got)
	}
	a = w.want(w.do("POST", "/streams/order-1", `[{"type":"a"},{"type":"b"}]`, "If-Match", a.Header.Get("ETag")), 201)
	if a.Header.Get("ETag") != `"2"` {
		t.Errorf("got ETag %s after three events", a.Header.Get("ETag"))
	}
	a = w.want(w.do("POST", "/streams/order-1", `[]`, "If-Match", `"2"`), 200)
	if got := unmarshal[receipt](t, a); got.Revision != 2.0 || got.Position != 0 || a.Header.Get("Location") != "" {
		t.Errorf("an append of nothing: got %+v", got)
	}
}

// TestAppendKeepsBytes holds that numbers and text come out as they went in.
func TestAppendKeepsBytes(t *testing.T) {
	for name, c := range map[string]struct {
		event string
		data  string
		shown string // part of the event as it is read
	}{
		"large numbers":              {`{"type":"T","data":{"n":12345678901234567890,"f":1.10}}`, `{"n":12345678901234567890,"f":1.10}`, `"data":{"n":12345678901234567890,"f":1.10}`},
		"spaces":                     {`{"type":"T","data":{"a": 1,  "b":[ ]}}`, `{"a": 1,  "b":[ ]}`, `"data":{"a": 1,  "b":[ ]}`},
		"web characters":             {`{"type":"T","data":"<&>\u2028é"}`, `"<&>\u2028é"`, `"data":"<&>\u2028é"`},
		"several lines":              {"{\"type\":\"T\",\"data\":{\n  \"a\": 1.0,\n  \"b\": \"x  y\"\n}}", `{"a":1.0,"b":"x  y"}`, `"data":{"a":1.0,"b":"x  y"}`},
		"bytes":                      {`{"type":"T","data_base64":"AP8K","format":"binary"}`, "\x00\xff\n", `"data_base64":"AP8K"`},
		"bytes that look like JSON":  {`{"type":"T","data_base64":"MTI=","format":"binary"}`, "12", `"data_base64":"MTI="`},
		"null":                       {`{"type":"T","data":null}`, "", `"type":"T","created"`},
		"the text null":              {`{"type":"T","data_base64":"bnVsbA=="}`, "null", `"data_base64":"bnVsbA=="`},
		"same key twice in the data": {`{"type":"T","data":{"a":1,"a":2}}`, `{"a":1,"a":2}`, `"data":{"a":1,"a":2}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.want(w.do("POST", "/streams/s", c.event), 201)
			all, err := cairn.Collect(w.store.ReadStream(t.Context(), "s", cairn.ReadOptions{}))
			if err != nil || len(all) != 1 || !bytes.Equal(all[0].Data, []byte(c.data)) {
				t.Fatalf("stored %+v, %v, want %q", all, err, c.data)
			}
			for _, path := range []string{"/streams/s", "/streams/s/0", "/events", "/events/1"} {
				if a := w.want(w.do("GET", path, ""), 200); !strings.Contains(a.body, c.shown) {
					t.Errorf("%s shows %s, want %s in it", path, a.body, c.shown)
				}
			}
		})
	}
}

func TestAppendWholeEvent(t *testing.T) {
	w := newWorld(t)
	w.want(w.do("POST", "/streams/s", `{"id":"`+id+`","type":"T","data":1,"metadata":{"by":"me"},"tags":["b:2","a:1"],"created":"2024-05-01T12:00:00.5+02:00"}`), 201)
	want := `{"id":"` + id + `","stream":"s","type":"T","data":1,"metadata":{"by":"me"},"created":"2024-05-01T10:00:00.5Z","tags":["a:1","b:2"],"revision":0,"position":1}`
	if a := w.want(w.do("GET", "/streams/s/0", ""), 200); a.body != want {
		t.Errorf("got  %s\nwant %s", a.body, want)
	}
}

func TestAppendExpects(t *testing.T) {
	for _, c := range []struct {
		name, stream string
		headers      []string
		query        string
		status       int
		kind         string
	}{
		{"revision", "s", []string{"If-Match", `"1"`}, "", 201, ""},
		{"revision passed", "s", []string{"If-Match", `"0"`}, "", 412, "conflict"},
		{"revision to come", "s", []string{"If-Match", `"7"`}, "", 412, "conflict"},
		{"any event", "s", []string{"If-Match", `*`}, "", 201, ""},
		{"any event, none there", "new", []string{"If-Match", `*`}, "", 412, "conflict"},
		{"no stream", "new", []string{"If-None-Match", `*`}, "", 201, ""},
		{"no stream, one there", "s", []string{"If-None-Match", `*`}, "", 412, "conflict"},
		{"parameter", "s", nil, "?expected=1", 201, ""},
		{"parameter passed", "s", nil, "?expected=0", 409, "conflict"},
		{"parameter no stream", "s", nil, "?expected=no-stream", 409, "conflict"},
		{"parameter any", "s", nil, "?expected=any", 201, ""},
		{"parameter stream exists", "s", nil, "?expected=stream-exists", 201, ""},
		{"weak tag", "s", []string{"If-Match", `W/"1"`}, "", 400, "invalid"},
		{"bare number", "s", []string{"If-Match", `1`}, "", 400, "invalid"},
		{"two tags", "s", []string{"If-Match", `"1", "2"`}, "", 400, "invalid"},
		{"negative", "s", []string{"If-Match", `"-1"`}, "", 400, "invalid"},
		{"too large", "s", []string{"If-Match", `"9223372036854775808"`}, "", 400, "invalid"},
		{"leading zero", "s", nil, "?expected=01", 400, "invalid"},
		{"tag where only * is", "s", []string{"If-None-Match", `"1"`}, "", 400, "invalid"},
		{"both", "s", []string{"If-Match", `"1"`, "If-None-Match", `*`}, "", 400, "invalid"},
		{"both ways", "s", []string{"If-Match", `"1"`}, "?expected=1", 400, "invalid"},
		{"a state that nothing can be written in", "s", nil, "?expected=soft-deleted", 400, "invalid"},
		{"not known", "s", nil, "?expected=latest", 400, "invalid"},
		{"empty", "s", nil, "?expected=", 400, "invalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.put("s", "a", "b")
			a := w.do("POST", "/streams/"+c.stream+c.query, `{"type":"c"}`, c.headers...)
			if w.want(a, c.status); c.kind != "" {
				w.problem(a, c.status, c.kind)
			}
		})
	}
}

func TestConflictSaysWhatStandsInTheWay(t *testing.T) {
	w := newWorld(t)
	w.put("s", "a", "b", "c")
	p := w.problem(w.do("POST", "/streams/s", `{"type":"d"}`, "If-Match", `"0"`), 412, "conflict")
	if p.Stream != "s" || p.Expected != 0.0 || p.Actual != 2.0 || len(p.Positions) != 2 || p.Positions[0] != 2 || len(p.Conflicts) != 1 {
		t.Errorf("got %+v", p)
	}
	p = w.problem(w.do("POST", "/streams/new?expected=3", `{"type":"d"}`), 409, "conflict")
	if p.Expected != 3.0 || p.Actual != "no-stream" {
		t.Errorf("got %+v", p)
	}
}

func TestAppendAgain(t *testing.T) {
	w := newWorld(t)
	event := `{"id":"` + id + `","type":"T"}`
	for i, status := range []int{201, 200} {
		a := w.want(w.do("POST", "/streams/s", event, "If-None-Match", "*"), status)
		if got := unmarshal[receipt](t, a); got != (receipt{"s", 0.0, 1, i == 1}) || a.Header.Get("ETag") != `"0"` {
			t.Errorf("attempt %d: got %+v", i, got)
		}
	}
}

func TestIdempotencyKey(t *testing.T) {
	w := newWorld(t)
	for i, key := range []string{`k-1`, `"k-1"`, `k-1`} {
		a := w.do("POST", "/streams/s", `{"type":"T"}`, "Idempotency-Key", key)
		if got := unmarshal[receipt](t, a); got.Position != 1 || got.Duplicate != (i > 0) {
			t.Errorf("attempt %d: got %d %+v", i, a.StatusCode, got)
		}
	}
	a := w.want(w.do("POST", "/batches", `{"writes":[{"stream":"x","events":[]},{"stream":"y","events":[{"type":"T"}]}],"key":"k-2"}`), 201)
	if !strings.Contains(a.body, `"revisions":["no-stream",0]`) {
		t.Errorf("got %s", a.body)
	}
	a = w.want(w.do("POST", "/streams/s", `{"type":"T"}`, "Idempotency-Key", "k-2"), 200)
	if got := unmarshal[receipt](t, a); got.Revision != nil || !got.Duplicate || a.Header.Get("ETag") != "" {
		t.Errorf("the key of another batch: got %+v", got)
	}
	for _, key := range []string{`""`, strings.Repeat("k", 513)} {
		if p := w.problem(w.do("POST", "/streams/s", `{"type":"T"}`, "Idempotency-Key", key), 400, "invalid"); key == `""` && p.Field != "Idempotency-Key" {
			t.Errorf("got %+v", p)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	for _, c := range []struct{ name, path, body, contentType, field, detail string }{
		{"no JSON", "/streams/s", `hello`, "", "body", "not valid JSON"},
		{"nothing", "/streams/s", ` `, "", "body", "is empty"},
		{"a number", "/streams/s", `1`, "", "body", "not a JSON object"},
		{"a list of numbers", "/streams/s", `[1]`, "", "events[0]", "not a JSON object"},
		{"cut off", "/streams/s", `[{"type":"T"}`, "", "events", "unexpected end"},
		{"two values", "/streams/s", `{"type":"T"} {"type":"T"}`, "", "body", "after top-level value"},
		{"misspelt", "/streams/s", `{"typ":"T"}`, "", "typ", "is not known here"},
		{"places", "/streams/s", `{"type":"T","revision":1}`, "", "revision", "is not known here"},
		{"twice", "/streams/s", `{"type":"T","type":"U"}`, "", "type", "stands twice"},
		{"no type", "/streams/s", `{}`, "", "events[0].type", "must not be empty"},
		{"wrong kind", "/streams/s", `[{"type":"T"},{"type":1}]`, "", "events[1].type", "not a string"},
		{"id", "/streams/s", `{"type":"T","id":"x"}`, "", "id", "is not a UUID"},
		{"base64", "/streams/s", `{"type":"T","data_base64":"*"}`, "", "data_base64", "not base64"},
		{"both", "/streams/s", `[{"type":"T","data":1,"data_base64":"AA=="}]`, "", "events[0].data", "excludes data_base64"},
		{"format", "/streams/s", `{"type":"T","format":"xml"}`, "", "format", "is not json"},
		{"time", "/streams/s", `{"type":"T","created":"yesterday"}`, "", "created", "is not a time"},
		{"not UTF-8", "/streams/s", "{\"type\":\"\xff\"}", "", "body", "not valid UTF-8"},
		{"half a character", "/streams/s", `{"type":"\ud800"}`, "", "type", "surrogate"},
		{"too many tags", "/streams/s", `{"type":"T","tags":[` + strings.Repeat(`"t",`, 64) + `"u"]}`, "", "events[0].tags", "limit is 64"},
		{"stream of the log", "/streams/$all", `{"type":"T"}`, "", "stream", "names the log"},
		{"long stream", "/streams/" + strings.Repeat("s", 1025), `{"type":"T"}`, "", "stream", "limit is 1024"},
		{"parameter", "/streams/s?expect=1", `{"type":"T"}`, "", "expect", "is no parameter"},
		{"parameter twice", "/streams/s?expected=1&expected=2", `{"type":"T"}`, "", "expected", "is given 2 times"},
		{"broken query", "/streams/s?a=%zz", `{"type":"T"}`, "", "query", "invalid URL escape"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			p := w.problem(w.do("POST", c.path, c.body), 400, "invalid")
			if p.Field != c.field || !strings.Contains(p.Detail, c.detail) {
				t.Errorf("got field %q, %q; want %q, %q", p.Field, p.Detail, c.field, c.detail)
			}
			if info, err := w.store.Info(t.Context()); err != nil || info.Head != 0 {
				t.Errorf("something was stored: %+v, %v", info, err)
			}
		})
	}
}
