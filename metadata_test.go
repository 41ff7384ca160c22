package cairn_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

func TestMetadataStreams(t *testing.T) {
	if got := cairn.MetadataStream("order-1"); got != "$$order-1" {
		t.Errorf("the metadata stream is %q", got)
	}
	for name, want := range map[string]string{"$$order-1": "order-1", "$$$system": "$system", "order-1": "", "$system": ""} {
		stream, ok := cairn.DescribedStream(name)
		if ok != (want != "") || ok && stream != want {
			t.Errorf("%q describes %q, %v", name, stream, ok)
		}
	}
}

func TestStreamMetadataAsJSON(t *testing.T) {
	for want, m := range map[string]cairn.StreamMetadata{
		`{}`:                                     {},
		`{"$maxAge":3600,"$maxCount":5,"$tb":7}`: {MaxAge: time.Hour, MaxCount: 5, TruncateBefore: 7},
		`{"$maxAge":1}`:                          {MaxAge: time.Nanosecond},
		`{"$maxAge":2}`:                          {MaxAge: time.Second + 1},
		`{"$maxAge":9223372036}`:                 {MaxAge: math.MaxInt64 / time.Second * time.Second},
		`{"$maxAge":9223372037}`:                 {MaxAge: math.MaxInt64},
		`{"$tb":9223372036854775807}`:            {TruncateBefore: math.MaxInt64},
		`{"$cacheControl":60}`:                   {CacheControl: time.Minute},
		`{"$acl":{}}`:                            {ACL: &cairn.ACL{}},
		`{"$acl":{"$d":[],"$mr":["m"],"$mw":["n"],"$r":["a","b"]}}`: {ACL: &cairn.ACL{Read: []string{"a", "b"}, Delete: []string{}, MetaRead: []string{"m"}, MetaWrite: []string{"n"}}},
		`{"$acl":{"$w":["$admins"]},"a":[1,2],"b":{"c":null}}`: {ACL: &cairn.ACL{Write: []string{"$admins"}},
			Custom: map[string]json.RawMessage{"b": json.RawMessage(`{"c":null}`), "a": json.RawMessage(`[1,2]`)}},
	} {
		got, err := json.Marshal(m)
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

// What was written is read back, to the second.
func TestStreamMetadataRoundTrip(t *testing.T) {
	for _, m := range []cairn.StreamMetadata{
		{},
		{MaxAge: time.Second, MaxCount: 1, TruncateBefore: 1, CacheControl: time.Second},
		{MaxAge: math.MaxInt64 / time.Second * time.Second, MaxCount: math.MaxInt64, TruncateBefore: math.MaxInt64},
		{ACL: &cairn.ACL{}},
		{ACL: &cairn.ACL{Read: []string{}, Write: []string{"ü", ""}}},
		{Custom: map[string]json.RawMessage{"$tmp": json.RawMessage(`true`), "": json.RawMessage(`0`), "é\n": json.RawMessage(`"x"`)}},
	} {
		data, err := json.Marshal(m)
		if err != nil {
			t.Errorf("%+v: %v", m, err)
		}
		if got := cairn.ParseStreamMetadata(data); !reflect.DeepEqual(got, m) {
			t.Errorf("%s is read as %+v, want %+v", data, got, m)
		}
	}
}

// What KurrentDB's clients write, and what that server makes of nonsense.
func TestParseStreamMetadata(t *testing.T) {
	for data, want := range map[string]cairn.StreamMetadata{
		``:         {},
		`null`:     {},
		`[]`:       {},
		`{"a":1`:   {},
		`{} {}`:    {},
		`{"a":tr}`: {},

		` { "$maxCount" : 5 } `:                          {MaxCount: 5},
		`{"$maxAge":0,"$maxCount":0,"$tb":0}`:            {},
		`{"$maxAge":-1,"$maxCount":-2,"$tb":-3}`:         {},
		`{"$maxAge":"1","$maxCount":1.5,"$tb":null}`:     {},
		`{"$maxAge":58745731757}`:                        {MaxAge: math.MaxInt64 / time.Second * time.Second},
		`{"$maxCount":9223372036854775808,"$tb":[]}`:     {},
		`{"$acl":{"$r":"$all","$w":["a","b"],"$d":[]}}`:  {ACL: &cairn.ACL{Read: []string{"$all"}, Write: []string{"a", "b"}, Delete: []string{}}},
		`{"$acl":{"$mr":"","$mw":null,"$r":5,"$x":"y"}}`: {ACL: &cairn.ACL{MetaRead: []string{""}}},
		`{"$acl":null}`:                                  {},
		`{"$acl":"x"}`:                                   {},
		`{"$MaxCount":5}`:                                {Custom: map[string]json.RawMessage{"$MaxCount": json.RawMessage(`5`)}},
		`{"$tmp":true,"own":{"x": 1}}`:                   {Custom: map[string]json.RawMessage{"$tmp": json.RawMessage(`true`), "own": json.RawMessage(`{"x": 1}`)}},
	} {
		if got := cairn.ParseStreamMetadata([]byte(data)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s is read as %+v, want %+v", data, got, want)
		}
	}
}

func TestSoftDeletedMetadata(t *testing.T) {
	for data, want := range map[string]bool{
		`{"$tb":9223372036854775807}`: true, `{"$tb":9223372036854775806}`: false, `{}`: false, `{"$tb":9223372036854775808}`: false,
	} {
		m := cairn.ParseStreamMetadata([]byte(data))
		if m.SoftDeleted() != want {
			t.Errorf("%s means soft-deleted: %v", data, !want)
		}
	}
}

func TestStreamMetadataThatIsNoJSON(t *testing.T) {
	var m cairn.StreamMetadata
	if err := json.Unmarshal([]byte(`[1]`), &m); err == nil {
		t.Error("a list is read as metadata without an error")
	}
	m.Custom = map[string]json.RawMessage{"a": json.RawMessage(`{`)}
	if _, err := json.Marshal(m); err == nil {
		t.Error("a custom value that is no JSON is written without an error")
	}
}

func FuzzStreamMetadata(f *testing.F) {
	f.Add([]byte(`{"$maxAge":1,"$maxCount":2,"$tb":3,"$cacheControl":4,"$acl":{"$r":"a","$w":[]},"own":[1]}`))
	f.Add([]byte(`{"$tb":9223372036854775807}`))
	f.Add([]byte(`{"$maxAge":9223372036854775807,"$acl":{}}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := cairn.ParseStreamMetadata(data)
		if m.MaxAge < 0 || m.MaxCount < 0 || m.TruncateBefore < 0 || m.CacheControl < 0 {
			t.Errorf("%q holds a negative limit: %+v", data, m)
		}
		once, err := json.Marshal(m)
		if err != nil {
			t.Fatalf("%q was read and cannot be written: %v", data, err)
		}
		again, err := json.Marshal(cairn.ParseStreamMetadata(once))
		if err != nil || string(again) != string(once) {
			t.Errorf("%s becomes %s, %v", once, again, err)
		}
	})
}
