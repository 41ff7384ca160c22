package ndjson

import (
	"reflect"
	"testing"

	"github.com/cairndb/cairn"
)

// FuzzDecodeLine holds that no line panics, and that what is understood comes
// out as a line that is understood as the same.
func FuzzDecodeLine(f *testing.F) {
	head := `{"id":"` + id + `","stream":"s-1","type":"T"`
	for _, seed := range []string{
		`{}`, `[`, `{"a":[{"b":"\\\""}]}`, "\xff", head + `}`,
		head + `,"data":{"b": 1,"a":[1,"}]",{"c":"\""}]},"metadata":null,"created":"2012-10-29T16:12:25.000000001Z"}`,
		head + `,"data_base64":"AP8=","metadata_base64":"bnVsbA==","tags":["\ud83e\udea8","b"],"format":"avro"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		first, err := Decode(line)
		if err != nil {
			return
		}
		written := Append(nil, &cairn.Recorded{Event: first.Event, Stream: first.Stream})
		second, err := Decode(written)
		if err != nil {
			t.Fatalf("%s\nwritten as %s\ncannot be read: %v", line, written, err)
		}
		first.normalise()
		second.normalise()
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("%s\nwritten as %s\nfirst  %+v\nsecond %+v", line, written, first, second)
		}
	})
}

// normalise makes no bytes and nil the same, which they are to a store.
func (l *Line) normalise() {
	for _, b := range []*[]byte{&l.Event.Data, &l.Event.Metadata} {
		if len(*b) == 0 {
			*b = nil
		}
	}
}
