package disk

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// TestRecent fills generations at random, freezes some, and compares what they
// say with the list of all that was put in.
func TestRecent(t *testing.T) {
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 3))
		x := &indexer{recent: &recent{active: newGeneration(10, 640)}, processed: newGate(10)}
		last := map[string]cairn.Revision{}
		var all []item
		for p := cairn.Position(11); p < 60; p++ {
			if rng.IntN(25) == 0 && x.recent.frozen == nil {
				active := x.recent.active
				x.recent.frozen, x.recent.active = active, newGeneration(active.last, active.end)
			}
			it := item{
				place: place(p), stream: fmt.Sprintf("c%d-%d", rng.IntN(2), rng.IntN(3)),
				typ: fmt.Sprint("t", rng.IntN(3)), tags: []string{"k0", "k1"}[:rng.IntN(3)],
			}
			it.revision = 100 + last[it.stream]
			last[it.stream]++
			if rng.IntN(4) == 0 {
				it.record = &record{metaLast: cairn.Revision(p)}
			}
			key := item{key: fmt.Sprint("key-", p), place: it.place}
			x.enter(&part{chunk: chunk{first: p, last: p}, frames: []index.Place{it.place}, items: []item{it, key}, end: it.place.Address + 50})
			all = append(all, it)
		}
		for range 30 {
			compareRecent(t, x.recent, all, cairn.Position(5+rng.IntN(60)))
		}
	}
}

func compareRecent(t *testing.T, r *recent, all []item, through cairn.Position) {
	t.Helper()
	terms := map[index.Term]func(*item) bool{
		{Kind: index.Stream, Name: "c1-2"}: func(it *item) bool { return it.stream == "c1-2" },
		{Kind: index.Category, Name: "c0"}: func(it *item) bool { return cairn.Category(it.stream) == "c0" },
		{Kind: index.Type, Name: "t2"}:     func(it *item) bool { return it.typ == "t2" },
		{Kind: index.Tag, Name: "k1"}:      func(it *item) bool { return slices.Contains(it.tags, "k1") },
		{Kind: index.Tag, Name: "nothing"}: func(*item) bool { return false },
	}
	for term, is := range terms {
		var want []index.Place
		first := cairn.Revision(0)
		for i := range all {
			if is(&all[i]) && all[i].place.Position <= through {
				if len(want) == 0 && term.Kind == index.Stream {
					first = all[i].revision
				}
				want = append(want, all[i].place)
			}
		}
		v, at := r.look(term, through)
		if !slices.Equal(v.places, want) || v.base != 10 || at != first {
			t.Fatalf("%v through %d: %v behind %d from revision %d, want %v from %d", term, through, v.places, v.base, at, want, first)
		}
	}
	var newest *record
	for i := range all {
		if all[i].record != nil && all[i].stream == "c0-1" && all[i].place.Position <= through {
			newest = all[i].record
		}
	}
	if got, ok := r.record("c0-1", through); got != newest || ok != (newest != nil) {
		t.Fatalf("record through %d: %v, want %v", through, got, newest)
	}
	mark, ok := r.markAt(through)
	if ok != (through > 10) || ok && (mark.Position > through || mark.Position < 11) {
		t.Fatalf("mark at %d: %v, %t", through, mark, ok)
	}
	for p := cairn.Position(11); p < 60; p++ {
		if got, ok := r.key(fmt.Sprint("key-", p)); !ok || got != place(p) {
			t.Fatalf("key of %d: %v, %t", p, got, ok)
		}
	}
	if _, ok := r.key("none"); ok {
		t.Fatal("a key that nobody used")
	}
}
