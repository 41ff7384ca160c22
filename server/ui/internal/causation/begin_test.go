package causation_test

import (
	"context"
	"errors"
	"iter"
	"math"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/ui/internal/causation"
)

// began makes the event that began a correlation and belongs to nothing itself,
// so many others of no concern, and two that belong to it.
func began(others int) []cairn.Write {
	root := id("root").String()
	writes := []cairn.Write{write("s-root", cairn.Event{ID: id("root"), Type: "root"})}
	for range others {
		writes = append(writes, write("noise-1", cairn.Event{Type: "noise"}))
	}
	return append(writes,
		write("s-a", cairn.Event{ID: id("a"), Type: "a", Metadata: metadata(root, root)}),
		write("s-b", cairn.Event{ID: id("b"), Type: "b", Metadata: metadata(root, id("a").String())}))
}

func TestBeginningBelongsToNothingItself(t *testing.T) {
	for _, c := range []struct {
		name   string
		others int
		last   string // the graph if the last event is asked about
	}{
		{"just before", 0, "root(a(b))"},
		{"some way off", 100, "root(a(b))"},
		{"as far as is looked", 255, "root(a(b))"},
		{"too far", 256, "a(b)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			last := commit(t, store, began(c.others)...)
			g := graphAt(t, store, last)
			if got := picture(g); got != c.last || g.Correlation != id("root").String() {
				t.Errorf("asked about the last: %s of %q, want %s", got, g.Correlation, c.last)
			}
			if got := picture(graphAt(t, store, 1)); got != "root(a(b))" {
				t.Errorf("asked about the beginning: %s", got)
			}
		})
	}
}

// Events of other correlations, and of none, have graphs of their own.
func TestOnlyItsCorrelation(t *testing.T) {
	store := newStore(t)
	last := commit(t, store,
		write("s-1", cairn.Event{ID: id("a"), Type: "a", Metadata: metadata("one", "")}),
		write("s-1", cairn.Event{ID: id("b"), Type: "b", Metadata: metadata("two", id("a").String())}),
		write("s-1", cairn.Event{ID: id("c"), Type: "c", Metadata: metadata("", id("a").String())}),
		write("s-1", cairn.Event{ID: id("d"), Type: "d", Metadata: metadata("one", id("a").String())}))
	for at, want := range []string{"a(d)", "b?", "c?", "a(d)"} {
		if got := picture(graphAt(t, store, cairn.Position(at+1))); got != want {
			t.Errorf("asked about %d of %d: got %s, want %s", at+1, last, got, want)
		}
	}
}

// An event that carries the tag belongs to the correlation for those who ask
// about it.
func TestTagOfItsOwn(t *testing.T) {
	store := newStore(t)
	tagged := cairn.Event{Type: "tagged", Tags: []string{cairn.CorrelationTag(correlation)}}
	commit(t, store, append(script("a b<a"), write("s-t", tagged))...)
	if got := picture(graphAt(t, store, 1)); got != "a(b) tagged" {
		t.Errorf("got %s", got)
	}
}

func TestNoSuchEvent(t *testing.T) {
	store := newStore(t)
	for _, at := range []cairn.Position{0, 1, math.MaxInt64, math.MaxUint64} {
		if g, err := causation.Of(t.Context(), store, at); !errors.Is(err, causation.ErrNoEvent) || g != nil {
			t.Errorf("%d in an empty log: got %v, %v", at, g, err)
		}
	}
	last := commit(t, store, script("a b<a")...)
	if _, err := causation.Of(t.Context(), store, last+1); !errors.Is(err, causation.ErrNoEvent) {
		t.Errorf("after the last: %v", err)
	}
}

func TestReadsThatFail(t *testing.T) {
	store := newStore(t)
	last := commit(t, store, began(3)...)
	reads := &failing{LogReader: store}
	if _, err := causation.Of(t.Context(), reads, last); err != nil || reads.n != 3 {
		t.Fatalf("%d reads: %v", reads.n, err)
	}
	for at := range 3 {
		g, err := causation.Of(t.Context(), &failing{LogReader: store, at: at + 1}, last)
		if !errors.Is(err, errRead) || g != nil {
			t.Errorf("read %d failed: got %v, %v", at+1, g, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := causation.Of(ctx, store, last); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

var errRead = errors.New("the disk is gone")

// A failing log fails in one of its reads, after the first event.
type failing struct {
	cairn.LogReader
	n, at int // how many reads there were; which one fails
}

func (f *failing) ReadAll(ctx context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	f.n++
	if f.n != f.at {
		return f.LogReader.ReadAll(ctx, o)
	}
	return func(yield func(cairn.Recorded, error) bool) {
		for e, err := range f.LogReader.ReadAll(ctx, o) {
			if err == nil && yield(e, nil) {
				yield(cairn.Recorded{}, errRead)
			}
			return
		}
	}
}
