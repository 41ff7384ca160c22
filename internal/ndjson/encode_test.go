package ndjson

import (
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

func TestAppend(t *testing.T) {
	head := `{"id":"` + id + `","stream":"s-1","type":"T"`
	tests := []struct {
		name   string
		change func(*cairn.Recorded)
		want   string
	}{
		{"bare", func(*cairn.Recorded) {}, head + `}`},
		{"JSON stands as it is", func(e *cairn.Recorded) { e.Data, e.Metadata = []byte(`{"b": 1, "a":"<é>"}`), []byte(`{}`) },
			head + `,"data":{"b": 1, "a":"<é>"},"metadata":{}}`},
		{"JSON on two lines", func(e *cairn.Recorded) { e.Data = []byte("{\n}") }, head + `,"data_base64":"ewp9"}`},
		{"JSON with space around", func(e *cairn.Recorded) { e.Data = []byte(" 1") }, head + `,"data_base64":"IDE="}`},
		{"null", func(e *cairn.Recorded) { e.Metadata = []byte("null") }, head + `,"metadata_base64":"bnVsbA=="}`},
		{"bytes", func(e *cairn.Recorded) { e.Data, e.Format = []byte{0xff}, cairn.Binary },
			head + `,"data_base64":"/w==","format":"binary"}`},
		{"time", func(e *cairn.Recorded) { e.Time = time.Date(2012, 10, 29, 18, 12, 25, 5e8, time.FixedZone("", 7200)) },
			head + `,"created":"2012-10-29T16:12:25.5Z"}`},
		{"tags", func(e *cairn.Recorded) { e.Tags = []string{"a", "b"} }, head + `,"tags":["a","b"]}`},
		{"hostile names", func(e *cairn.Recorded) { e.Tags = []string{"\"\\\n\r\t\b\f\x1b</script>\u2028"} },
			head + `,"tags":["\"\\\n\r\t\b\f\u001b</script>` + "\u2028" + `"]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := cairn.Recorded{Event: event(t), Stream: "s-1"}
			tt.change(&e)
			if got := string(Append(nil, &e)); got != tt.want {
				t.Fatalf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAppendPlaced(t *testing.T) {
	e := cairn.Recorded{Event: event(t), Stream: "s", Revision: cairn.TombstoneRevision, Position: 9}
	want := `{"id":"` + id + `","stream":"s","type":"T","revision":9223372036854775807,"position":9}`
	if got := string(AppendPlaced(nil, &e)); got != want {
		t.Fatalf("\n got %s\nwant %s", got, want)
	}
	if _, err := Decode([]byte(want)); err != nil {
		t.Fatalf("a placed line cannot be read back: %v", err)
	}
}

// TestAppendByFormat keeps what is no JSON from looking like it by chance.
func TestAppendByFormat(t *testing.T) {
	for format, want := range map[cairn.Format]string{
		cairn.JSON:   `{"id":"` + id + `","stream":"s","type":"T","data":12,"metadata":{}}`,
		cairn.Binary: `{"id":"` + id + `","stream":"s","type":"T","data_base64":"MTI=","metadata":{},"format":"binary"}`,
	} {
		e := event(t)
		e.Data, e.Metadata, e.Format = []byte("12"), []byte("{}"), format
		if got := string(Append(nil, &cairn.Recorded{Event: e, Stream: "s"})); got != want {
			t.Errorf("%v: got  %s\nwant %s", format, got, want)
		}
	}
}
