package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

func TestVerdicts(t *testing.T) {
	v, err := parseVerdict([]byte(`{"position":12,"outcome":"retry","after":"1m5s","reason":"busy"}`))
	if err != nil || v.Position != 12 || v.after != 65*time.Second || v.Reason != "busy" {
		t.Errorf("got %+v, %v", v, err)
	}
	for line, want := range map[string]string{
		``:                                    "",
		`ack 12`:                              "",
		`{"outcome":"ack"}`:                   "position is missing",
		`{"position":12}`:                     `outcome "" is not`,
		`{"position":-1,"outcome":"ack"}`:     "",
		`{"position":12,"outcome":"nack"}`:    `outcome "nack" is not`,
		`{"position":12,"outcome":"ack","x"}`: "",
		`{"position":12,"outcome":"ack","why":1}`:           `"why" is not known`,
		`{"position":12,"outcome":"retry","after":"soon"}`:  "soon",
		`{"position":12,"outcome":"retry","after":"-1s"}`:   "below 0",
		`{"position":"12","outcome":"retry","after":"-1s"}`: "",
	} {
		if _, err := parseVerdict([]byte(line)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func FuzzVerdict(f *testing.F) {
	f.Add([]byte(`{"position":12,"outcome":"retry","after":"1m5s","reason":"busy"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if v, err := parseVerdict(line); err == nil && (v.Position == 0 || v.after < 0 || v.known() != nil) {
			t.Errorf("%q is read as %+v", line, v)
		}
	})
}

func TestSelected(t *testing.T) {
	for want, q := range map[string]cairn.Query{
		"everything":                           nil,
		"type a or b, tag x:1":                 {{Types: []string{"a", "b"}, Tags: []string{"x:1"}}},
		"category a; or prefix b; or stream c": {{Categories: []string{"a"}}, {Prefixes: []string{"b"}}, {Streams: []string{"c"}}},
	} {
		if got := selected(q); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTheLastLine(t *testing.T) {
	for said, want := range map[string]string{
		"": "", "\n\n": "", "one\ntwo\n": ": two", strings.Repeat("x", 2000): ": " + strings.Repeat("x", 1024), "\xff\n": ": �",
	} {
		var s tail
		for _, b := range []byte(said) {
			s.Write([]byte{b})
		}
		if got := s.last(); got != want {
			t.Errorf("%.20q: got %.40q, want %.40q", said, got, want)
		}
	}
}
