package importer

import (
	"errors"
	"iter"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/storetest"
)

// TestEvents: a log goes into another store, system's events included, and a
// second time nothing is stored.
func TestEvents(t *testing.T) {
	from, to := storetest.NewReference(), storetest.NewReference()
	settle(t, from)
	for n, want := range []bool{true, false} {
		sum, err := Events(t.Context(), to, from.ReadAll(t.Context(), cairn.AllOptions{}), Options{})
		if err != nil || (sum.Stored == sum.Lines) != want || sum.Stored+sum.Known != sum.Lines || sum.Lines == 0 {
			t.Fatalf("run %d: %+v, %v", n, sum, err)
		}
	}
	for _, stream := range []string{"kept", "limited", "gone", "closed", "revived"} {
		a, err1 := from.StreamInfo(t.Context(), stream)
		b, err2 := to.StreamInfo(t.Context(), stream)
		if err := errors.Join(err1, err2); err != nil || a.State != b.State || a.Last != b.Last || a.First != b.First {
			t.Errorf("%s: %+v and %+v, %v", stream, a, b, err)
		}
	}
}

// TestEventsThatEndEarly: what came before the error is stored.
func TestEventsThatEndEarly(t *testing.T) {
	broken := errors.New("broken")
	var seq iter.Seq2[cairn.Recorded, error] = func(yield func(cairn.Recorded, error) bool) {
		for n := range 600 {
			if !yield(cairn.Recorded{Stream: "a", Event: cairn.Event{ID: id(n), Type: "T"}}, nil) {
				return
			}
		}
		yield(cairn.Recorded{}, broken)
	}
	sum, err := Events(t.Context(), storetest.NewReference(), seq, Options{})
	if !errors.Is(err, broken) || sum.Stored != 600 {
		t.Errorf("%+v, %v", sum, err)
	}
}
