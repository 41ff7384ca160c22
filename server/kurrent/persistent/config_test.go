package persistent_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn/server/kurrent/persistent"
)

var samples = []persistent.Config{
	{Key: key, Settings: settings(), Anchor: -1},
	{Key: persistent.Key{Stream: "/foo/ภาษา", Group: "😀::x"}, Settings: settings(func(s *persistent.Settings) { s.Start = persistent.Start{End: true} }), Anchor: 41},
	{Key: persistent.Key{Stream: persistent.All, Group: "g"}, Settings: settings(func(s *persistent.Settings) {
		s.Start = persistent.Start{At: 9, Prepare: 8}
		s.Filter = &persistent.Filter{ByType: true, Prefixes: []string{"a,b", ""}}
	}), Anchor: -1},
	{Key: persistent.Key{Stream: persistent.All, Group: "h"}, Settings: settings(func(s *persistent.Settings) {
		s.Start = persistent.Start{End: true}
		s.Filter = &persistent.Filter{Regex: `^[^\$].*`}
	}), Anchor: 0},
}

func TestEncodeConfig(t *testing.T) {
	b, err := persistent.Encode(samples, "me", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	got, err := persistent.Decode(b)
	if err != nil || !reflect.DeepEqual(got, samples) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDecodeConfigRefuses(t *testing.T) {
	b, err := persistent.Encode(samples[:1], "me", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	good := string(b)
	entry := good[strings.Index(good, "[")+1 : strings.LastIndex(good, "]")]
	for name, change := range map[string]string{
		"the same twice":    strings.Replace(good, entry, entry+","+entry, 1),
		"no stream":         strings.Replace(good, `"stream":"s"`, `"stream":""`, 1),
		"no start":          strings.Replace(good, `"startPosition":"0"`, `"startPosition":""`, 1),
		"a negative start":  strings.Replace(good, `"startPosition":"0"`, `"startPosition":"-7"`, 1),
		"a start elsewhere": strings.Replace(good, `"startPosition":"0"`, `"startPosition":"C:0/P:0"`, 1),
		"a strategy":        strings.Replace(good, persistent.RoundRobin, "Random", 1),
		"a time":            strings.Replace(good, `"messageTimeout":30000`, `"messageTimeout":9223372036854775807`, 1),
		"not JSON":          good[:len(good)-1],
	} {
		if change == good {
			t.Errorf("%s: the test changes nothing", name)
		}
		if _, err := persistent.Decode([]byte(change)); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzDecodeConfig(f *testing.F) {
	b, err := persistent.Encode(samples, "me", time.Time{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"entries":[{"stream":"$all","group":"g","startPosition":"C:-1/P:-1","anchor":-5}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := persistent.Decode(b)
		if err != nil {
			return
		}
		again, err := persistent.Encode(all, "me", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		same, err := persistent.Decode(again)
		if err != nil || !reflect.DeepEqual(all, same) {
			t.Errorf("%+v, %v, of %q", same, err, bytes.ToValidUTF8(b, nil))
		}
	})
}

func FuzzDecodeCheckpoint(f *testing.F) {
	for _, s := range []string{`"7"`, `"C:7/P:7"`, `"C:7"`, `7`, `"-1"`, `"C:-1/P:-1"`} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	f.Fuzz(func(t *testing.T, b []byte, all bool) {
		if p, err := persistent.DecodeCheckpoint(b, all); err == nil && p < 0 {
			t.Errorf("%q is %d", b, p)
		}
	})
}

func TestDecodeCheckpoint(t *testing.T) {
	for text, want := range map[string]persistent.Place{`"7"`: 7, `"0"`: 0, `"-1"`: -1, `7`: -1, `"C:7/P:7"`: -1, ``: -1} {
		p, err := persistent.DecodeCheckpoint([]byte(text), false)
		if p != want && err == nil || (err == nil) != (want >= 0) {
			t.Errorf("%s is %d, %v", text, p, err)
		}
	}
	if p, err := persistent.DecodeCheckpoint([]byte(`"C:7/P:6"`), true); p != 7 || err != nil {
		t.Errorf("a position is %d, %v", p, err)
	}
}
