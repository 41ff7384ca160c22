package codec_test

import (
	"errors"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
)

// Whatever is stored, decoding answers with an event or with a DecodeError, and
// what was decoded can be stored again and is then the same.
func FuzzDecode(f *testing.F) {
	for i, name := range events.Names() {
		f.Add(name, []byte(`{"Owner":"x","Kind":"closed","Cents":1}`), byte(0))
		f.Add(name, []byte(`null`), byte(i))
	}
	for _, name := range messages.Names() {
		f.Add(name, []byte{8, 1, 16, 2}, byte(cairn.Protobuf))
		f.Add(name, []byte{10, 1, 'a'}, byte(cairn.Binary))
	}
	f.Fuzz(func(t *testing.T, name string, data []byte, format byte) {
		r := cairn.Recorded{Event: cairn.Event{Type: name, Data: data, Format: cairn.Format(format)}}
		again(t, events, r)
		again(t, messages, r)
	})
}

func again[E any](t *testing.T, c codec.Codec[E], r cairn.Recorded) {
	e, err := c.Decode(r)
	if err != nil {
		if _, ok := errors.AsType[*codec.DecodeError](err); !ok {
			t.Fatalf("%T: %v", err, err)
		}
		return
	}
	stored, err := c.Encode(e)
	if err != nil {
		t.Fatalf("decoded %#v, which cannot be encoded: %v", e, err)
	}
	if _, err := c.Decode(cairn.Recorded{Event: stored}); err != nil {
		t.Fatal(err)
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add("Ann", "Bee", int64(7))
	f.Fuzz(func(t *testing.T, first, last string, cents int64) {
		if !utf8.ValidString(first) || !utf8.ValidString(last) {
			t.Skip("JSON cannot hold it")
		}
		for _, e := range []event{opened{First: first, Last: last}, deposited{cents}, &closed{first}} {
			stored, err := events.Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := events.Decode(cairn.Recorded{Event: stored}); err != nil || !reflect.DeepEqual(got, e) {
				t.Fatalf("got %#v, %v; want %#v", got, err, e)
			}
		}
	})
}
