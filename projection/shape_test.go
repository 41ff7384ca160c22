package projection

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/cairndb/cairn"
)

func shape(data string) string { return shapeOf(&cairn.Event{Data: []byte(data)}) }

func TestShape(t *testing.T) {
	many := func(n int, value string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"k%c%c":%s`, 'a'+i/26, 'a'+i%26, value)
		}
		return "{" + b.String()[1:] + "}"
	}
	for _, c := range []struct{ data, want string }{
		{``, "nothing"},
		{"  \n", "nothing"},
		{`{`, "not JSON"},
		{`{} {}`, "not JSON"},
		{`null`, "null"},
		{`{}`, "{}"},
		{`[]`, "[]"},
		{`{"b":1,"a":"x"}`, "{a:string, b:integer}"},
		{`{"a":1.5}`, "{a:number}"},
		{`{"a":1e3}`, "{a:number}"},
		{`{"a":null,"b":true}`, "{a:null, b:boolean}"},
		{`[1,"x",null,2]`, "[null|integer|string]"},
		{`[{"a":1},{"b":[2]}]`, "[{a:integer, b:[integer]}]"},
		{`{"a":1,"a":"x"}`, "{a:integer|string}"},
		{`{"a":{"x":1},"a":[]}`, "{a:[]|{x:integer}}"},
		{`{"":1,"a b":2,"x:y":3}`, `{*:integer, "a b":integer, "x:y":integer}`},
		{`{"17":1,"2024-05-01":2}`, "{*:integer}"},
		{`{"018f2b6e-7c31-7d3a-9d0b-0242ac120002":{"a":1},"018F2B6E-7C31-7D3A-9D0B-0242AC120003":{"b":1}}`, "{*:{a:integer, b:integer}}"},
		{`{"*":1}`, "{*:integer}"},
		{"{\"a\xff\":1}", `{"a` + "\ufffd" + `":integer}`},
		{many(mostKeys+1, `{"a":1}`), "{*:{a:integer}}"},
		{many(600, `[{"a":"x"}]`), "{*:[{a:string}]}"},
	} {
		if got := shape(c.data); got != c.want {
			t.Errorf("%.80s: %.200s; want %s", c.data, got, c.want)
		}
	}
	if got := shapeOf(&cairn.Event{Format: cairn.Protobuf, Data: []byte("{}")}); got != "protobuf" {
		t.Error(got)
	}
}

// TestShapesAreBounded: hostile data cost time in proportion to their size, and a
// shape is never long.
func TestShapesAreBounded(t *testing.T) {
	for name, data := range map[string]string{
		"deep arrays":  strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		"deep objects": strings.Repeat(`{"a":`, 9000) + "1" + strings.Repeat("}", 9000),
		"too deep":     strings.Repeat("[", 1<<20),
		"long array":   "[" + strings.Repeat("1,", 1<<18) + "1]",
		"long key":     `{"` + strings.Repeat("k", 1<<20) + `":1}`,
		"many members": wide(3, 40),
		"maps of maps": wide(2, 300),
	} {
		if got := shape(data); len(got) > mostShape+40 {
			t.Errorf("%s: %d bytes", name, len(got))
		}
	}
}

func TestShapeSaysThatThereIsMore(t *testing.T) {
	if got := shape(strings.Repeat("[", 40) + strings.Repeat("]", 40)); strings.Count(got, "[") != deepest || !strings.Contains(got, "…") {
		t.Error(got)
	}
}

// wide is an object of objects.
func wide(depth, n int) string {
	if depth == 0 {
		return "1"
	}
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"key%d-%d":%s`, depth, i, wide(depth-1, n))
	}
	return "{" + b.String()[1:] + "}"
}

// FuzzShape: whatever the data are, there is a shape, it is bounded, the same for
// the same, and says "not JSON" just where it is not.
func FuzzShape(f *testing.F) {
	for _, s := range []string{`{"a":[{"b":1},2,null]}`, `{"a":1,"a":{}}`, `[[[[]]]]`, "\xff", `"\ud800"`, `{"a\u0000":1e999}`, wide(2, 70), `{"1":{},"2":{"3":[]}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got := shapeOf(&cairn.Event{Data: data})
		if got != shapeOf(&cairn.Event{Data: data}) {
			t.Fatal("it is another one the second time")
		}
		if got == "" || len(got) > mostShape+40 || !utf8.ValidString(got) {
			t.Fatalf("%q", got)
		}
		if bad := got == shapeNotJSON || got == shapeNothing; bad == json.Valid(data) {
			t.Fatalf("%q is %q", data, got)
		}
	})
}
