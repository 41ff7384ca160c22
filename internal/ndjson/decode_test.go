package ndjson

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

const id = "266a1bd3-2d87-5005-9efe-e31a3aadefc3"

func event(t *testing.T) cairn.Event {
	t.Helper()
	want, err := cairn.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	return cairn.Event{ID: want, Type: "T"}
}

func TestDecode(t *testing.T) {
	head := `{"id":"` + id + `","stream":"s-1","type":"T"`
	tests := []struct {
		name, line string
		change     func(*cairn.Event)
	}{
		{"bare", head + `}`, func(*cairn.Event) {}},
		{"spaces and another order", ` { "type" : "T" , "stream" : "s-1", "id":"` + strings.ToUpper(id) + `" } `, func(*cairn.Event) {}},
		{"data as it stands", head + `,"data":{"b": 1,"a":[1,"}]",{"c":"\""}]}}`, func(e *cairn.Event) {
			e.Data = []byte(`{"b": 1,"a":[1,"}]",{"c":"\""}]}`)
		}},
		{"number as data", head + `,"data":1e400,"metadata":"\u00e9"}`, func(e *cairn.Event) {
			e.Data, e.Metadata = []byte(`1e400`), []byte(`"\u00e9"`)
		}},
		{"null is none", head + `,"data":null,"metadata":null}`, func(*cairn.Event) {}},
		{"base64", head + `,"data_base64":"AP8=","metadata_base64":"bnVsbA=="}`, func(e *cairn.Event) {
			e.Data, e.Metadata = []byte{0, 255}, []byte("null")
		}},
		{"time", head + `,"created":"2012-10-29T18:12:25.5+02:00"}`, func(e *cairn.Event) {
			e.Time = time.Date(2012, 10, 29, 16, 12, 25, 5e8, time.UTC)
		}},
		{"tags and format", head + `,"tags":["a:1","b\t"],"format":"protobuf"}`, func(e *cairn.Event) {
			e.Tags, e.Format = []string{"a:1", "b\t"}, cairn.Protobuf
		}},
		{"places are ignored", head + `,"revision":7,"position":"x"}`, func(*cairn.Event) {}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := Line{Stream: "s-1", Event: event(t)}
			tt.change(&want.Event)
			got, err := Decode([]byte(tt.line))
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("Decode(%s)\n got %+v, %v\nwant %+v", tt.line, got, err, want)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	with := func(s string) string { return `{"id":"` + id + `","stream":"s","type":"T",` + s + `}` }
	tests := []struct{ name, line, want string }{
		{"no JSON", `hello`, "not valid JSON: invalid character 'h' looking for beginning of value at byte 1"},
		{"cut off", `{"id":"2`, "not valid JSON: unexpected end of JSON input at byte 8"},
		{"two values", `{} {}`, "not valid JSON: invalid character '{' after top-level value at byte 4"},
		{"too deep", with(`"data":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000)), "exceeded max depth"},
		{"a list", `[1]`, "not a JSON object"},
		{"a number", `1`, "not a JSON object"},
		{"not UTF-8", "{\"id\":\"\xff\"}", "not valid UTF-8"},
		{"empty", `{}`, "id is missing"},
		{"no stream", `{"id":"` + id + `","type":"T"}`, "stream is missing"},
		{"no type", `{"id":"` + id + `","stream":"s"}`, "type is missing"},
		{"empty type", `{"id":"` + id + `","stream":"s","type":""}`, "type: must not be empty"},
		{"empty stream", `{"id":"` + id + `","stream":"","type":"T"}`, "stream: must not be empty"},
		{"long stream", `{"id":"` + id + `","stream":"` + strings.Repeat("s", 1025) + `","type":"T"}`, "stream: 1025 bytes long; the limit is 1024"},
		{"the log is no stream", `{"id":"` + id + `","stream":"$all","type":"T"}`, `"$all" names the log`},
		{"bad id", `{"id":"x","stream":"s","type":"T"}`, `id: "x" is not a UUID`},
		{"zero id", `{"id":"00000000-0000-0000-0000-000000000000","stream":"s","type":"T"}`, "zero UUID"},
		{"number as id", `{"id":1,"stream":"s","type":"T"}`, "id: not a string"},
		{"half a surrogate pair", `{"id":"` + id + `","stream":"\ud800","type":"T"}`, "half a surrogate pair"},
		{"unknown field", with(`"dta":1`), `unknown field "dta"`},
		{"other case", with(`"Data":1`), `unknown field "Data"`},
		{"field twice", with(`"data":1,"data":2`), `field "data" stands twice`},
		{"data twice", with(`"data":1,"data_base64":""`), "exclude each other"},
		{"metadata twice", with(`"metadata":1,"metadata_base64":""`), "exclude each other"},
		{"bad base64", with(`"data_base64":"*"`), "data_base64: not base64"},
		{"bad time", with(`"created":"yesterday"`), `created: "yesterday" is not a time`},
		{"time out of range", with(`"created":"1492-10-12T00:00:00Z"`), "time: 1492"},
		{"bad format", with(`"format":"xml"`), `format: "xml" is not json`},
		{"bad tags", with(`"tags":"a"`), "tags: not a list of strings"},
		{"bad tag", with(`"tags":[1]`), "tags: not a list of strings"},
		{"empty tag", with(`"tags":[""]`), "tags: must not be empty"},
		{"too large", with(`"data":"` + strings.Repeat("x", cairn.MaxEventSize) + `"`), "size in bytes: 16777218; the limit is 16777216"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode([]byte(tt.line))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}
