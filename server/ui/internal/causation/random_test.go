package causation_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/ui/internal/causation"
)

// Events with any causes at all make a graph that holds what every graph does,
// and in which the parents are those of a model that takes its time.
func TestRandomGraphs(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 6))
		m := newModel(r, 1+r.IntN(60))
		store := newStore(t)
		last := commit(t, store, m.writes...)
		g := graphAt(t, store, 1+cairn.Position(r.Uint64N(uint64(last))))
		check(t, g, positions(1, last))
		m.check(t, g)
		if t.Failed() {
			t.Fatalf("seed %d: %s", seed, picture(g))
		}
	}
}

// A model of events knows them by their places in the log, from zero.
type model struct {
	writes []cairn.Write
	ids    []cairn.ID
	causes []string
}

func newModel(r *rand.Rand, n int) *model {
	m := &model{}
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for i := range n {
		m.ids = append(m.ids, cairn.NewID())
		if i > 0 && r.IntN(12) == 0 {
			m.ids[i] = m.ids[r.IntN(i)]
		}
	}
	for i := range n {
		m.causes = append(m.causes, m.randomCause(r, i))
		stream := fmt.Sprintf("%c-%d", 'a'+r.IntN(4), i)
		at := start.Add(time.Duration(r.IntN(3600)) * time.Second)
		m.writes = append(m.writes, write(stream, cairn.Event{
			ID: m.ids[i], Type: fmt.Sprint("e", i), Time: at, Metadata: metadata(correlation, m.causes[i]),
		}))
	}
	return m
}

// randomCause is mostly one of the events before, as it is in life.
func (m *model) randomCause(r *rand.Rand, i int) string {
	switch n := r.IntN(20); {
	case n < 12 && i > 0:
		return m.ids[r.IntN(i)].String()
	case n < 16:
		return m.ids[r.IntN(len(m.ids))].String()
	case n == 16:
		return cairn.NewID().String()
	case n == 17:
		return correlation
	case n == 18:
		return strings.Repeat("x", r.IntN(300))
	}
	return ""
}

// cause is the event that another names as its cause, and -1 if that is none:
// the last of that ID before it, or else the first behind it.
func (m *model) cause(i int) int {
	for _, ks := range [][]int{descending(i), ascending(i+1, len(m.ids))} {
		for _, k := range ks {
			if m.ids[k].String() == m.causes[i] && m.ids[k] != m.ids[i] {
				return k
			}
		}
	}
	return -1
}

func ascending(from, to int) (all []int) {
	for i := from; i < to; i++ {
		all = append(all, i)
	}
	return all
}

func descending(to int) []int {
	all := ascending(0, to)
	slices.Reverse(all)
	return all
}

// firstOfCycle reports whether an event led to itself, and none before it did in
// the same circle.
func (m *model) firstOfCycle(i int) bool {
	for at, steps := m.cause(i), 0; at >= i && steps <= len(m.ids); at, steps = m.cause(at), steps+1 {
		if at == i {
			return true
		}
	}
	return false
}

// startsTree reports whether an event says that it began by itself.
func (m *model) startsTree(i int) bool {
	cause := m.causes[i]
	return cause == "" || cause == correlation || cause == m.ids[i].String()
}

func (m *model) orphan(i int) bool {
	return m.firstOfCycle(i) || m.cause(i) < 0 && !m.startsTree(i)
}

// parent is where an event ought to hang, and -1 if nowhere.
func (m *model) parent(i int) int {
	if !m.orphan(i) {
		return m.cause(i)
	}
	for _, k := range descending(i) {
		if m.startsTree(k) {
			return k
		}
	}
	return -1
}

func (m *model) check(t *testing.T, g *causation.Graph) {
	t.Helper()
	for i := range m.ids {
		n := &g.Nodes[g.Find(cairn.Position(i+1))]
		got := -1
		if n.Parent >= 0 {
			got = int(g.Nodes[n.Parent].Event.Position) - 1
		}
		if want := m.parent(i); got != want || n.Orphan != m.orphan(i) {
			t.Errorf("e%d hangs under e%d, orphan %v; want e%d, %v", i, got, n.Orphan, want, m.orphan(i))
		}
	}
}
