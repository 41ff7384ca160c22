package rest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

// FuzzDecode holds that no body panics, and that what is understood is what a
// store could be given, or refuses by name.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		``, `[]`, `{`, `null`, `{"type":"T","data":{"a":[1,"\""]},"tags":["a"],"format":"avro"}`, `[{"type":"T","data_base64":"AA=="},{}]`,
		`{"writes":[{"stream":"s","expected":"any","events":[{"type":"T"}],"delete":"soft"}],"conditions":[{"query":[{"tags":["a"]}],"after":1},{"stream":"s","expected":0}],"key":"k"}`,
		`{"specversion":"1.0","id":"1","source":"/s","type":"T","ext":true,"cairntags":"[\"a\"]","data":{"a": 1},"time":"2024-05-01T10:00:00Z"}`,
		`{"$maxAge":1,"$acl":{"$r":"a","$w":["b"]},"own":{}}`, "\xff", `{"type":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		events, _ := decodeEvents(b)
		show(t, events)
		_, _ = decodeBatch(b)
		_ = checkMetadata(b)
		for _, kind := range []string{cloudType, cloudBatchType} {
			events, err := decodeClouds(kind, b)
			if err == nil {
				show(t, events)
			}
		}
	})
}

// show writes events in every form, and reads them again.
func show(t *testing.T, events []cairn.Event) {
	for _, e := range events {
		if e.ID.IsZero() {
			e.ID[0] = 1
		}
		r := &cairn.Recorded{Event: e, Stream: "s"}
		appendEvent(nil, r)
		if e.Type == "" {
			continue
		}
		if _, err := decodeCloud("", appendCloud(nil, r)); err != nil {
			t.Fatalf("%s: %v", appendCloud(nil, r), err)
		}
		if _, err := ndjson.Decode(appendEvent(nil, r)); err != nil {
			b := cairn.Batch{Writes: []cairn.Write{{Stream: "s", Expected: cairn.Any, Events: []cairn.Event{e}}}}
			if b.Validate() == nil {
				t.Fatalf("%s: %v", appendEvent(nil, r), err)
			}
		}
	}
}

// FuzzRequest holds that no parameter and no header panics or is answered as a
// fault of the server.
func FuzzRequest(f *testing.F) {
	f.Add("from=1&limit=2&backward", `"12"`, "*/*;q=0.5, application/json", "7", "application/json; charset=utf-8", "k", "%41")
	f.Add("type=a&type=b&tag=&noSystem=false", `*`, ";;", "-1", "text/", `"k"`, "%zz")
	s := &service{o: Options{}.withDefaults()}
	f.Fuzz(func(t *testing.T, rawQuery, match, accepted, last, kind, key, ce string) {
		r := httptest.NewRequest("POST", "http://x/", nil)
		r.URL.RawQuery = rawQuery
		r.Header = http.Header{
			"If-Match": {match}, "Accept": {accepted}, "Last-Event-Id": {last}, "Content-Type": {kind}, "Idempotency-Key": {key},
			"Ce-Specversion": {"1.0"}, "Ce-Id": {ce}, "Ce-Source": {ce}, "Ce-Type": {ce}, "Ce-Own": {ce},
		}
		q := query(r, "from", "before", "backward", "limit", "type", "tag", "noSystem")
		o := cairn.AllOptions{After: q.position("from"), Before: q.position("before"), Backward: q.flag("backward"), Query: q.query()}
		q.pageLimit()
		errs := []error{q.err, o.Validate()}
		_, err := expected(r, query(r, "expected"))
		errs = append(errs, err)
		_, err = accept(r, jsonType, sseType)
		errs = append(errs, err)
		_, _, err = lastEventID(r)
		errs = append(errs, err)
		_, err = contentType(r, jsonType)
		errs = append(errs, err, s.key(r, &cairn.Batch{}))
		_, err = decodeBinaryCloud(r.Header, []byte(ce))
		errs = append(errs, err)
		for _, err := range errs {
			if err == nil {
				continue
			}
			if p := s.problemOf(t.Context(), err); p.Status >= 500 {
				t.Fatalf("%v: %+v", err, p)
			}
		}
	})
}
