package codec_test

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
)

func TestRoundTrip(t *testing.T) {
	for _, e := range []event{
		opened{First: "Ann", Last: "Bee", Country: "FR"}, opened{},
		deposited{math.MaxInt64}, deposited{-1}, frozen{}, &closed{"moved"}, &closed{},
	} {
		stored, err := events.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		if stored.Format != cairn.JSON {
			t.Errorf("%v: format %v", e, stored.Format)
		}
		got, err := events.Decode(cairn.Recorded{Event: stored})
		if err != nil || !reflect.DeepEqual(got, e) {
			t.Errorf("got %#v, %v; want %#v", got, err, e)
		}
	}
}

func TestStoredForm(t *testing.T) {
	got, err := events.Encode(opened{"Ann", "Bee", "FR"})
	want := cairn.Event{
		Type: "account.opened.v3", Data: []byte(`{"First":"Ann","Last":"Bee","Country":"FR"}`),
		Tags: []string{"owner:Bee"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNamesAreAllThatWereEverUsed(t *testing.T) {
	want := []string{
		"account.changed", "account.closed", "account.credited", "account.deposited", "account.frozen",
		"account.opened", "account.opened.v2", "account.opened.v3", "acct.opened",
	}
	if got := events.Names(); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       event
	}{
		{"account.opened", `{"Owner":"Bee"}`, opened{"?", "Bee", "NL"}},
		{"acct.opened", `{"Owner":"Bee"}`, opened{"?", "Bee", "NL"}},
		{"account.opened.v2", `{"First":"Ann","Last":"Bee"}`, opened{"Ann", "Bee", "NL"}},
		{"account.opened.v3", `{"First":"Ann","Title":"Dr"}`, opened{First: "Ann"}},
		{"account.credited", `{"Cents":7}`, deposited{7}},
		{"account.changed", `{"Kind":"frozen"}`, frozen{}},
		{"account.changed", `{"Kind":"closed"}`, &closed{}},
		{"account.frozen", ``, frozen{}},
	} {
		got, err := events.Decode(cairn.Recorded{Event: cairn.Event{Type: c.name, Data: []byte(c.data)}})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %s: got %#v, %v; want %#v", c.name, c.data, got, err, c.want)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	for _, c := range []struct {
		name, data string
		format     cairn.Format
		reason     error
		says       string
	}{
		{"account.merged", `{}`, cairn.JSON, codec.ErrUnknownType, "name it in the codec's Types"},
		{"", ``, cairn.JSON, codec.ErrUnknownType, ""},
		{"account.deposited", ``, cairn.JSON, codec.ErrUndecodable, "unexpected end"},
		{"account.deposited", `{`, cairn.JSON, codec.ErrUndecodable, "unexpected end"},
		{"account.deposited", `{"Cents":"1"}`, cairn.JSON, codec.ErrUndecodable, "Cents"},
		{"account.deposited", ` null `, cairn.JSON, codec.ErrUndecodable, "null"},
		{"account.closed", `null`, cairn.JSON, codec.ErrUndecodable, "null"},
		{"account.deposited", `{}`, cairn.Protobuf, codec.ErrUndecodable, "protobuf"},
		{"account.opened", `{}`, cairn.JSON, errNoOwner, "upcast from codec_test.openedV1"},
		{"account.opened", `{}`, cairn.JSON, codec.ErrUndecodable, ""},
		{"account.changed", `{"Kind":"nil"}`, cairn.JSON, codec.ErrUndecodable, "nil *codec_test.closed"},
		{"account.changed", `{"Kind":"none"}`, cairn.JSON, codec.ErrUndecodable, "upcast to <nil>"},
		{"account.changed", `{"Kind":"?"}`, cairn.JSON, codec.ErrUndecodable, "kind"},
	} {
		r := cairn.Recorded{
			Event:  cairn.Event{Type: c.name, Data: []byte(c.data), Format: c.format},
			Stream: "account-7", Revision: 3, Position: 99,
		}
		_, err := events.Decode(r)
		d, ok := errors.AsType[*codec.DecodeError](err)
		if !ok || !errors.Is(err, c.reason) {
			t.Errorf("%s %s: %v", c.name, c.data, err)
			continue
		}
		if d.Type != c.name || d.Stream != "account-7" || d.Revision != 3 || d.Position != 99 {
			t.Errorf("%s: facts %+v", c.name, d)
		}
		for _, part := range []string{c.says, c.name, `"account-7"`, "revision 3", "position 99"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%q does not say %q", err, part)
			}
		}
	}
}

type unnamed struct{}

func (unnamed) account() {}

type odd struct{ F float64 }

func (odd) account() {}

func TestEncodeErrors(t *testing.T) {
	c := codec.JSON(codec.Types[event]{"odd": odd{}, "closed": &closed{}, "deposited": deposited{}})
	for _, c := range []struct {
		err    error
		reason error
		says   string
	}{
		{encodeError(c, nil), codec.ErrUnknownType, "nil"},
		{encodeError(c, unnamed{}), codec.ErrUnknownType, "codec_test.unnamed"},
		{encodeError(c, &deposited{}), codec.ErrUnknownType, `"deposited" is the type codec_test.deposited`},
		{encodeError(c, (*closed)(nil)), codec.ErrUnencodable, "nil"},
		{encodeError(c, odd{math.NaN()}), codec.ErrUnencodable, "NaN"},
	} {
		e, ok := errors.AsType[*codec.EncodeError](c.err)
		if !ok || !errors.Is(c.err, c.reason) || !strings.Contains(c.err.Error(), c.says) {
			t.Errorf("got %v (%+v); want %v with %q", c.err, e, c.reason, c.says)
		}
	}
}

func encodeError(c codec.Codec[event], e event) error {
	_, err := c.Encode(e)
	return err
}

// Bytes of a decoded event must not change when the reader reuses its buffer.
func TestDecodeKeepsNoReferenceToData(t *testing.T) {
	c := codec.JSON(codec.Types[any]{"raw": struct{ R []byte }{}})
	data := []byte(`{"R":"AAAA"}`)
	got, err := c.Decode(cairn.Recorded{Event: cairn.Event{Type: "raw", Data: data}})
	clear(data)
	if want := (struct{ R []byte }{[]byte{0, 0, 0}}); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
}
