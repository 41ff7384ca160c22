package causation_test

import (
	"fmt"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/ui/internal/causation"
)

// A correlation of just as many events as a graph may have is whole, and one of
// more is cut, whichever is asked about.
func TestCut(t *testing.T) {
	const limit = cairn.Position(causation.Limit)
	for _, events := range []cairn.Position{limit - 1, limit, limit + 1, limit + 2, 3 * limit} {
		store := newStore(t)
		commit(t, store, fan(int(events))...)
		for _, at := range []cairn.Position{1, limit / 2, limit - 1, limit, limit + 1, events} {
			if at > events {
				continue
			}
			t.Run(fmt.Sprintf("%d of %d", at, events), func(t *testing.T) {
				g := graphAt(t, store, at)
				if g.Cut != (events > limit) {
					t.Errorf("cut: %v", g.Cut)
				}
				check(t, g, keptOf(events, at))
			})
		}
	}
}

// fan makes a root and what it led to.
func fan(n int) []cairn.Write {
	writes := script("root")
	for i := range n - 1 {
		e := cairn.Event{Type: fmt.Sprint("e", i), Metadata: metadata(correlation, id("root").String())}
		writes = append(writes, write("s-1", e))
	}
	return writes
}

// keptOf is the first events of so many, and the one that was asked about.
func keptOf(events, at cairn.Position) []cairn.Position {
	all := positions(1, min(events, causation.Limit))
	if at > causation.Limit {
		all[causation.Limit-1] = at
	}
	return all
}

// The beginning that belongs to nothing counts as well.
func TestCutWithItsBeginning(t *testing.T) {
	for events, cut := range map[int]bool{causation.Limit - 1: false, causation.Limit: true} {
		root := id("root").String()
		store := newStore(t)
		writes := []cairn.Write{write("s-root", cairn.Event{ID: id("root"), Type: "root"})}
		for range events {
			writes = append(writes, write("s-1", cairn.Event{Type: "a", Metadata: metadata(root, root)}))
		}
		last := commit(t, store, writes...)
		for _, at := range []cairn.Position{1, 2, last} {
			g := graphAt(t, store, at)
			if g.Cut != cut || g.Nodes[0].Event.Type != "root" || len(g.Nodes[0].Children) != causation.Limit-1 {
				t.Errorf("%d events, asked about %d: cut %v, %d children", events+1, at, g.Cut, len(g.Nodes[0].Children))
			}
			check(t, g, keptOf(last, at))
		}
	}
}

// What led to an event may have been cut off.
func TestOrphanOfTheCut(t *testing.T) {
	store := newStore(t)
	commit(t, store, fan(causation.Limit+10)...)
	last := commit(t, store, script("parent<root child<parent")...)
	g := graphAt(t, store, last)
	n := g.Nodes[g.Find(last)]
	if !g.Cut || !n.Orphan || n.Parent != 0 {
		t.Errorf("cut %v, got %+v", g.Cut, n)
	}
	if n = g.Nodes[1]; n.Orphan {
		t.Errorf("got %+v", n)
	}
}

// A chain as long as a graph is one straight line, whichever way it lies in the
// log, and so is what is left of a circle.
func TestDeepChains(t *testing.T) {
	const n = causation.Limit
	for _, c := range []struct {
		name   string
		cause  func(i int) int
		orphan bool
		first  cairn.Position
	}{
		{"with the log", func(i int) int { return i - 1 }, false, 1},
		{"against the log", func(i int) int { return i + 1 }, false, n},
		{"circle with the log", func(i int) int { return (i + n - 1) % n }, true, 1},
		{"circle against the log", func(i int) int { return (i + 1) % n }, true, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newStore(t)
			last := commit(t, store, chain(n, c.cause)...)
			g := graphAt(t, store, last/2)
			check(t, g, positions(1, last))
			if g.Columns != n || g.Rows != 1 || g.Cut {
				t.Errorf("%d columns, %d rows, cut %v", g.Columns, g.Rows, g.Cut)
			}
			if root := g.Nodes[0]; root.Event.Position != c.first || root.Orphan != c.orphan {
				t.Errorf("it begins with %+v", root)
			}
		})
	}
}

// chain makes events each of which has one cause, or none if that is no event.
func chain(n int, cause func(i int) int) (writes []cairn.Write) {
	for i := range n {
		by := ""
		if k := cause(i); k >= 0 && k < n {
			by = id(fmt.Sprint("e", k, ".")).String()
		}
		e := cairn.Event{ID: id(fmt.Sprint("e", i, ".")), Type: "e", Metadata: metadata(correlation, by)}
		writes = append(writes, write("s-1", e))
	}
	return writes
}
