package disk

import (
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

// A listed source yields a list of places.
type listed struct {
	places   []index.Place // in the order of positions
	backward bool
	i        int
}

func (l *listed) seek(p cairn.Position) (index.Place, bool) {
	if l.backward {
		l.i = sort.Search(len(l.places), func(i int) bool { return l.places[i].Position > p }) - 1
	} else {
		l.i = sort.Search(len(l.places), func(i int) bool { return l.places[i].Position >= p })
	}
	return l.current()
}

func (l *listed) next() (index.Place, bool) {
	if l.backward {
		l.i--
	} else {
		l.i++
	}
	return l.current()
}

func (l *listed) current() (index.Place, bool) {
	if l.i < 0 || l.i >= len(l.places) {
		return index.Place{}, false
	}
	return l.places[l.i], true
}

func (l *listed) close() error { return nil }

const universe = 60

// set chooses some of the positions up to universe.
func set(rng *rand.Rand) (all []cairn.Position) {
	density := rng.IntN(10)
	for p := range cairn.Position(universe) {
		if rng.IntN(10) < density {
			all = append(all, p+1)
		}
	}
	return all
}

func placesOf(set []cairn.Position) (all []index.Place) {
	for _, p := range set {
		all = append(all, place(p))
	}
	return all
}

func place(p cairn.Position) index.Place {
	return index.Place{Position: p, Address: 100 * uint64(p)}
}

// agrees walks a source at random and compares it with the set that it should
// yield.
func agrees(t *testing.T, name string, rng *rand.Rand, s source, want []cairn.Position, backward bool) {
	t.Helper()
	model := &listed{places: placesOf(want), backward: backward}
	for range 5 {
		from := cairn.Position(rng.IntN(universe + 2))
		got, ok := s.seek(from)
		expected, more := model.seek(from)
		for steps := rng.IntN(universe); ; steps-- {
			if got != expected || ok != more {
				t.Fatalf("%s, backward %t, from %d: got %v %t, want %v %t of %v", name, backward, from, got, ok, expected, more, want)
			}
			if !ok || steps == 0 {
				break
			}
			got, ok = s.next()
			expected, more = model.next()
		}
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
}

func TestUnionsAndIntersections(t *testing.T) {
	for seed := range uint64(600) {
		rng := rand.New(rand.NewPCG(seed, 0))
		backward := seed%2 == 1
		var sets [][]cairn.Position
		for range 1 + rng.IntN(4) {
			sets = append(sets, set(rng))
		}
		sources := func() (all []source) {
			for _, s := range sets {
				all = append(all, &listed{places: placesOf(s), backward: backward})
			}
			return all
		}
		var any, every []cairn.Position
		for p := cairn.Position(1); p <= universe; p++ {
			n := 0
			for _, s := range sets {
				if slices.Contains(s, p) {
					n++
				}
			}
			if n > 0 {
				any = append(any, p)
			}
			if n == len(sets) {
				every = append(every, p)
			}
		}
		agrees(t, "union", rng, newUnion(sources(), backward), any, backward)
		agrees(t, "intersection", rng, newIntersection(sources(), backward), every, backward)
		both := newIntersection([]source{newUnion(sources(), backward), newIntersection(sources(), backward)}, backward)
		agrees(t, "intersection with the union", rng, both, every, backward)
	}
}

func TestSingles(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		p := cairn.Position(1 + rng.IntN(universe))
		for _, backward := range []bool{false, true} {
			s := newUnion([]source{&single{place(p), backward}, &single{place(p), backward}}, backward)
			agrees(t, "single", rng, s, []cairn.Position{p}, backward)
		}
	}
}

// TestTerms has a term partly in the index and partly in memory, with the index
// at, behind or ahead of what memory begins with.
func TestTerms(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 2))
		all := set(rng)
		base := cairn.Position(rng.IntN(universe + 1))
		ahead := min(universe, base+cairn.Position(rng.IntN(10))) // a flush may be under way
		x, err := index.Open(vfs.NewMem(), "index", index.Options{Store: cairn.ID{1}})
		if err != nil {
			t.Fatal(err)
		}
		name := index.Term{Kind: index.Type, Name: "t"}
		b := x.NewBatch()
		if indexed := upTo(placesOf(all), ahead); len(indexed) > 0 {
			b.Places(name, indexed)
		}
		if err := x.Apply(b, index.Checkpoint{Position: ahead}); err != nil {
			t.Fatal(err)
		}
		inMemory := placesOf(all)[len(upTo(placesOf(all), base)):]
		for _, backward := range []bool{false, true} {
			s := &term{view: view{base: base, places: inMemory}, name: name, index: x, backward: backward}
			agrees(t, "term", rng, s, all, backward)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
