package cairn_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cairndb/cairn"
)

func TestCorrelation(t *testing.T) {
	for _, test := range []struct{ metadata, correlation, causation string }{
		{`{"$correlationId":"a"}`, "a", ""},
		{`{"$causationId":"b"}`, "", "b"},
		{`{"$correlationId":"a","$causationId":"b"}`, "a", "b"},
		{" \t\r\n{ \"x\" : [1, {\"y\": null}] , \"$correlationId\" :\n\"a\" } ", "a", ""},
		{`{"$correlationId":"first","$correlationId":"last"}`, "last", ""},
		{`{"$correlationId":"first","$correlationId":1}`, "", ""},
		{`{"$correlationId":"\u00e9\n\"\\"}`, "é\n\"\\", ""},
		{`{"$correlationId":"é"}`, "é", ""},
		{`{"$correlationId":"\u0000"}`, "\x00", ""},
		{`{"$correlationId":""}`, "", ""},

		{``, "", ""},
		{`{}`, "", ""},
		{`null`, "", ""},
		{`"$correlationId"`, "", ""},
		{`["$correlationId","a"]`, "", ""},
		{`[{"$correlationId":"a"}]`, "", ""},
		{`{"x":{"$correlationId":"a"}}`, "", ""},
		{`{"x":"\"$correlationId\":\"a\""}`, "", ""},
		{`{"$correlationId":7,"$causationId":null}`, "", ""},
		{`{"$correlationId":["a"],"$causationId":{"b":"b"}}`, "", ""},
		{`{"$CorrelationId":"a"}`, "", ""},
		{`{"x$correlationId":"a"}`, "", ""},
		{`{"\u0024correlationId":"a"}`, "", ""},
		{"{\"$correlationId\":\"a\xff\"}", "", ""},
		{`{"$correlationId":"a"`, "", ""},
		{`{"$correlationId":"a",}`, "", ""},
		{`{"$correlationId":"a"}}`, "", ""},
		{`{"$correlationId":"a"} {}`, "", ""},
		{`{,"$correlationId":"a"}`, "", ""},
		{`{"$correlationId" "a"}`, "", ""},
		{`{"$correlationId":"a" "b":1}`, "", ""},
		{`{"$correlationId":"a","b":[1,]}`, "", ""},
		{`{"$correlationId":"a","b":01}`, "", ""},
		{`{"$correlationId":"a","b":-}`, "", ""},
		{`{"$correlationId":"a","b":1.}`, "", ""},
		{`{"$correlationId":"a","b":1e+}`, "", ""},
		{`{"$correlationId":"a","b":+1}`, "", ""},
		{`{"$correlationId":"a","b":tru}`, "", ""},
		{`{"$correlationId":"a","b":"\x"}`, "", ""},
		{`{"$correlationId":"a","b":"\u12g4"}`, "", ""},
		{"{\"$correlationId\":\"a\",\"b\":\"\n\"}", "", ""},
		{`{"$correlationId":"a","b":-0.5e-10}`, "a", ""},
		{`{"$correlationId":"a","b":[true,false,null,"\u12Fa",[],{}]}`, "a", ""},
		{"\xef\xbb\xbf" + `{"$correlationId":"a"}`, "", ""},
	} {
		correlation, causation := cairn.Correlation([]byte(test.metadata))
		if correlation != test.correlation || causation != test.causation {
			t.Errorf("%s: %q, %q, want %q, %q", test.metadata, correlation, causation, test.correlation, test.causation)
		}
		want := ""
		if test.correlation != "" {
			want = cairn.CorrelationTag(test.correlation)
		}
		if tag := cairn.ImpliedTag([]byte(test.metadata)); tag != want {
			t.Errorf("%s: tag %q, want %q", test.metadata, tag, want)
		}
	}
}

// What cannot be a tag implies none, at the very limit.
func TestImpliedTagOfLongIDs(t *testing.T) {
	longest := cairn.MaxTag - len(cairn.CorrelationTag(""))
	for _, form := range []string{"a", "é"} {
		id := strings.Repeat("a", longest-len(form)) + form
		for _, escaped := range []bool{false, true} {
			if got := cairn.ImpliedTag(correlated(id, escaped)); got != cairn.CorrelationTag(id) {
				t.Errorf("%d bytes: %q", len(id), got)
			}
			if got := cairn.ImpliedTag(correlated(id+"a", escaped)); got != "" {
				t.Errorf("%d bytes: %q", len(id)+1, got)
			}
		}
		if err := cairn.ByTag(cairn.CorrelationTag(id)).Validate(); err != nil {
			t.Error(err)
		}
		if cairn.ByTag(cairn.CorrelationTag(id+"a")).Validate() == nil {
			t.Error("a tag that no event can have is a query")
		}
	}
}

// correlated is metadata, with an escape in the ID if it is to have one.
func correlated(id string, escaped bool) []byte {
	if escaped {
		id = strings.Replace(id, "a", `\u0061`, 1)
	}
	return fmt.Appendf(nil, `{"$correlationId":"%s"}`, id)
}

func TestCorrelationNests(t *testing.T) {
	nested := func(n int) []byte {
		return []byte(`{"$correlationId":"a","b":` + strings.Repeat("[", n) + strings.Repeat("]", n) + "}")
	}
	for _, n := range []int{1, 100, 9_999, 10_000, 1_000_000} {
		want := ""
		if json.Valid(nested(n)) {
			want = "a"
		}
		if got, _ := cairn.Correlation(nested(n)); got != want {
			t.Errorf("%d deep: %q, want %q", n, got, want)
		}
	}
}

func TestQueryByCorrelation(t *testing.T) {
	q := cairn.ByTag(cairn.CorrelationTag("a"))
	with := func(metadata string, tags ...string) *cairn.Recorded {
		return &cairn.Recorded{Event: cairn.Event{Type: "t", Metadata: []byte(metadata), Tags: tags}}
	}
	for _, test := range []struct {
		query cairn.Query
		event *cairn.Recorded
		want  bool
	}{
		{q, with(`{"$correlationId":"a"}`), true},
		{q, with(`{"$correlationId":"b"}`), false},
		{q, with(`{"$correlationId":"aa"}`), false},
		{q, with(`{"$causationId":"a"}`), false},
		{q, with(``), false},
		{q, with(``, "$correlation:a"), true},
		{q, with(`{"$correlationId":"b"}`, "$correlation:a"), true},
		{q, with(``, "a"), false},
		{cairn.ByTag("a"), with(`{"$correlationId":"a"}`), false},
		{cairn.ByTag("x", cairn.CorrelationTag("a")), with(`{"$correlationId":"a"}`, "x"), true},
		{cairn.ByTag("x", cairn.CorrelationTag("a")), with(`{"$correlationId":"a"}`), false},
		{cairn.ByTag(cairn.CorrelationTag("")), with(`{"$correlationId":""}`), false},
	} {
		if got := test.query.Match(test.event); got != test.want {
			t.Errorf("%v of %s %v: %v", test.query, test.event.Metadata, test.event.Tags, got)
		}
	}
}

func TestImpliedTagAllocatesItsResult(t *testing.T) {
	without, with := []byte(`{"by":"ann","n":[1,2,{"a":"b"}]}`), []byte(`{"$correlationId":"018f0000-0000-7000-8000-000000000001","by":"ann"}`)
	for want, metadata := range map[float64][]byte{0: without, 1: with} {
		if got := testing.AllocsPerRun(100, func() { cairn.ImpliedTag(metadata) }); got != want {
			t.Errorf("%s: %v allocations, want %v", metadata, got, want)
		}
	}
}

// FuzzCorrelation compares with encoding/json. Escapes in keys are where the
// two differ, and on purpose.
func FuzzCorrelation(f *testing.F) {
	f.Add([]byte(`{"$correlationId":"a","$causationId":"b","x":[1.5e-3,{"y":null}],"z":true}`))
	f.Add([]byte(`{"$correlationId":7}`))
	f.Add([]byte(`{"$correlationId":"\ud83d\ude00\ud800"}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, metadata []byte) {
		correlation, causation := cairn.Correlation(metadata)
		if tag := cairn.ImpliedTag(metadata); tag != "" && tag != cairn.CorrelationTag(correlation) {
			t.Errorf("tag %q of %q", tag, correlation)
		} else if tag == "" && correlation != "" && len(cairn.CorrelationTag(correlation)) <= cairn.MaxTag {
			t.Errorf("no tag of %q", correlation)
		}
		if bytes.Contains(metadata, []byte(`\`)) {
			return
		}
		var members map[string]json.RawMessage
		if json.Unmarshal(metadata, &members) != nil {
			members = nil
		}
		for key, got := range map[string]string{cairn.CorrelationKey: correlation, cairn.CausationKey: causation} {
			if want := plain(members[key]); got != want {
				t.Errorf("%s is %q, want %q", key, got, want)
			}
		}
	})
}

// plain is what a string without escapes holds, if it is valid UTF-8.
func plain(raw json.RawMessage) string {
	if len(raw) < 2 || raw[0] != '"' || !utf8.Valid(raw) {
		return ""
	}
	return string(raw[1 : len(raw)-1])
}

func BenchmarkImpliedTag(b *testing.B) {
	for name, metadata := range map[string]string{
		"without": `{"traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","by":"ann"}`,
		"with":    `{"$correlationId":"0195f3c2-7d2e-7a11-9f3b-3c2a51d0b7aa","$causationId":"0195f3c2-7d2e-7a11-9f3b-3c2a51d0b7ab","by":"ann"}`,
	} {
		m := []byte(metadata)
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(m)))
			for b.Loop() {
				cairn.ImpliedTag(m)
			}
		})
	}
}
