package kurrentdb

import (
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

// TestLedgers: what is another history is another sum, and what is the same in
// another order of the log is not.
func TestLedgers(t *testing.T) {
	event := func(stream string, id byte) cairn.Recorded {
		return cairn.Recorded{Stream: stream, Event: cairn.Event{ID: cairn.ID{id}, Type: "t", Data: []byte("d"), Metadata: []byte("m"), Time: time.Unix(1, 0)}}
	}
	closed := cairn.Recorded{Stream: "a", Revision: cairn.TombstoneRevision, Event: cairn.Event{Type: cairn.TypeStreamDeleted}}
	base := []cairn.Recorded{event("a", 1), event("a", 2), event("b", 3)}
	with := func(i int, change func(*cairn.Recorded)) []cairn.Recorded {
		all := append([]cairn.Recorded{}, base...)
		change(&all[i])
		return all
	}
	for _, c := range []struct {
		name   string
		other  []cairn.Recorded
		differ bool
		times  bool
	}{
		{"the same", base, false, true},
		{"streams in another order", []cairn.Recorded{base[2], base[0], base[1]}, false, true},
		{"events in another order", []cairn.Recorded{base[1], base[0], base[2]}, true, true},
		{"one less", base[:2], true, true},
		{"one more in a stream of its own", append(base[:3:3], event("c", 4)), false, true},
		{"another ID", with(1, func(e *cairn.Recorded) { e.ID = cairn.ID{9} }), true, true},
		{"another type", with(1, func(e *cairn.Recorded) { e.Type = "u" }), true, true},
		{"other data", with(1, func(e *cairn.Recorded) { e.Data = []byte("e") }), true, true},
		{"data for metadata", with(1, func(e *cairn.Recorded) { e.Data, e.Metadata = []byte("dm"), nil }), true, true},
		{"another format", with(1, func(e *cairn.Recorded) { e.Format = cairn.Binary }), true, true},
		{"another time", with(1, func(e *cairn.Recorded) { e.Time = e.Time.Add(100) }), true, true},
		{"another time that is not looked at", with(1, func(e *cairn.Recorded) { e.Time = e.Time.Add(100) }), false, false},
		{"a time that is finer than KurrentDB's", with(1, func(e *cairn.Recorded) { e.Time = e.Time.Add(99) }), false, true},
		{"closed", append(base[:3:3], closed), true, true},
		{"other revisions", with(0, func(e *cairn.Recorded) { e.Revision = 7 }), false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			one, two := newLedger(c.times), newLedger(c.times)
			for i := range base {
				one.enter(&base[i])
			}
			for i := range c.other {
				two.enter(&c.other[i])
			}
			if got := compare(one, two.only(one)); (len(got) > 0) != c.differ {
				t.Errorf("differ in %v", got)
			}
			if !c.differ && one.sum() != two.sum() {
				t.Errorf("sums %x and %x", one.sum(), two.sum())
			}
		})
	}
}

// TestPartial: what was not selected is not missed.
func TestPartial(t *testing.T) {
	one, two := newLedger(false), newLedger(false)
	e := cairn.Recorded{Stream: "a", Event: cairn.Event{Type: "t"}}
	m := cairn.Recorded{Stream: "$$a", Event: cairn.Event{Type: cairn.TypeMetadata, Data: []byte(`{"$maxCount":1}`)}}
	one.enter(&e)
	two.enter(&e)
	two.enter(&m)
	two.enter(&cairn.Recorded{Stream: "a", Event: cairn.Event{Type: cairn.TypeStreamDeleted}})
	if got := compare(one, two); len(got) != 1 {
		t.Errorf("of all: %v", got)
	}
	one.partial = true
	if got := compare(one, two); len(got) != 0 {
		t.Errorf("of some: %v", got)
	}
}
