package kurrent

import (
	"strings"
	"testing"

	"github.com/cairndb/cairn"
)

// TestLimits: an event counts its data, its metadata and twice the characters of
// its type, as UTF-16 has them; an append counts its events.
func TestLimits(t *testing.T) {
	o := Options{MaxAppendSize: 100, MaxAppendEventSize: 50}.withDefaults()
	for name, c := range map[string]struct {
		typ        string
		data, meta int
		want       string
	}{
		"just enough":         {"12345", 20, 20, ""},
		"too much":            {"12345", 20, 21, "maximum-append-event-size-exceeded"},
		"two bytes are one":   {"üüüüü", 20, 20, ""},
		"four bytes are two":  {"😀😀", 20, 22, ""},
		"four bytes, exactly": {"😀😀", 20, 23, "maximum-append-event-size-exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			var all collection
			err := all.add(cairn.Event{Type: c.typ, Data: make([]byte, c.data), Metadata: make([]byte, c.meta)}, &o)
			if got := nameOf(err); got != c.want {
				t.Errorf("got %v", err)
			}
		})
	}
	var all collection
	for i, want := range []string{"", "", "maximum-append-size-exceeded"} {
		if got := nameOf(all.add(cairn.Event{Type: strings.Repeat("x", 25)}, &o)); got != want {
			t.Errorf("event %d: got %q", i, got)
		}
	}
}

func nameOf(err error) string {
	f, _ := err.(*fault)
	if f == nil {
		return ""
	}
	return f.exception()
}

func TestOptionsHaveLimits(t *testing.T) {
	for _, o := range []Options{{}, {MaxAppendSize: 1 << 40, MaxAppendEventSize: 1 << 40}} {
		if o = o.withDefaults(); o.MaxAppendSize != cairn.MaxBatchSize || o.MaxAppendEventSize != cairn.MaxEventSize {
			t.Errorf("%+v", o)
		}
	}
}
