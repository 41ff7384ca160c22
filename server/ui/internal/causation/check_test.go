package causation_test

import (
	"slices"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/ui/internal/causation"
)

// check finds what is wrong with a graph of the events at some positions,
// whatever led to what.
func check(t testing.TB, g *causation.Graph, positions []cairn.Position) {
	t.Helper()
	var got []cairn.Position
	for i := range g.Nodes {
		got = append(got, g.Nodes[i].Event.Position)
		checkTree(t, g, i)
		if at := g.Find(g.Nodes[i].Event.Position); at != i {
			t.Errorf("node %d is found at %d", i, at)
		}
	}
	if slices.Sort(got); !slices.Equal(got, positions) {
		t.Errorf("the nodes are the events at %d, not those at %d", got, positions)
	}
	checkGrid(t, g)
	checkLanes(t, g)
	checkLines(t, g)
}

// checkTree looks at how a node hangs in its tree.
func checkTree(t testing.TB, g *causation.Graph, i int) {
	t.Helper()
	n := &g.Nodes[i]
	if n.Parent < 0 {
		if n.Parent != -1 || n.Column != 0 || n.SinceParent != 0 || n.SinceRoot != 0 {
			t.Errorf("node %d is a root, and %+v", i, *n)
		}
		return
	}
	p := &g.Nodes[n.Parent]
	if n.Parent >= i || n.Column != p.Column+1 {
		t.Fatalf("node %d in column %d hangs under node %d in column %d", i, n.Column, n.Parent, p.Column)
	}
	if !slices.Contains(p.Children, i) || !slices.IsSorted(p.Children) {
		t.Errorf("node %d is a child of node %d, whose children are %d", i, n.Parent, p.Children)
	}
	if n.SinceParent != n.Event.Time.Sub(p.Event.Time) {
		t.Errorf("node %d came %v after its parent, not %v", i, n.Event.Time.Sub(p.Event.Time), n.SinceParent)
	}
	above := i - 1 // what lies between a node and its parent is of the same family
	for above > n.Parent {
		above = g.Nodes[above].Parent
	}
	if above != n.Parent {
		t.Errorf("another tree lies between node %d and its parent %d", i, n.Parent)
	}
}

// checkGrid makes sure that each node has a cell of its own, in a grid no bigger
// than it has to be.
func checkGrid(t testing.TB, g *causation.Graph) {
	t.Helper()
	type cell struct{ column, row int }
	used := map[cell]int{}
	children, columns := 0, 0
	for i := range g.Nodes {
		n := &g.Nodes[i]
		if other, ok := used[cell{n.Column, n.Row}]; ok {
			t.Errorf("nodes %d and %d are both in column %d, row %d", other, i, n.Column, n.Row)
		}
		used[cell{n.Column, n.Row}] = i
		if n.Column < 0 || n.Row < 0 || n.Row >= g.Rows {
			t.Errorf("node %d is at %d, %d of %d, %d", i, n.Column, n.Row, g.Columns, g.Rows)
		}
		columns = max(columns, n.Column+1)
		children += len(n.Children)
		if n.Parent < 0 {
			children++
		}
	}
	if children != len(g.Nodes) || columns != g.Columns || g.Rows > len(g.Nodes) {
		t.Errorf("%d nodes, %d of them roots or children; %d of %d columns; %d rows", len(g.Nodes), children, columns, g.Columns, g.Rows)
	}
}

// checkLanes makes sure that the lanes share out the rows, and that each node is
// in that of its category.
func checkLanes(t testing.TB, g *causation.Graph) {
	t.Helper()
	row := 0
	for i, l := range g.Lanes {
		if l.Row != row || l.Rows < 1 {
			t.Errorf("lane %d is %+v; the one before ends at %d", i, l, row)
		}
		row += l.Rows
	}
	if row != g.Rows {
		t.Errorf("the lanes have %d rows, the grid %d", row, g.Rows)
	}
	for i := range g.Nodes {
		n := &g.Nodes[i]
		lanes := slices.DeleteFunc(slices.Clone(g.Lanes), func(l causation.Lane) bool { return l.Category != n.Category })
		if n.Category != cairn.Category(n.Event.Stream) || len(lanes) != 1 || n.Row < lanes[0].Row || n.Row >= lanes[0].Row+lanes[0].Rows {
			t.Errorf("node %d of %q is in row %d; its lane is %+v", i, n.Event.Stream, n.Row, lanes)
		}
	}
}

// checkLines makes sure that no two lines between the same columns of the same
// lanes cross, and so none to siblings.
func checkLines(t testing.TB, g *causation.Graph) {
	t.Helper()
	type gap struct {
		column   int
		from, to string
	}
	lines := map[gap][]*causation.Node{} // by their ends
	for i := range g.Nodes {
		if n := &g.Nodes[i]; n.Parent >= 0 {
			at := gap{n.Column, g.Nodes[n.Parent].Category, n.Category}
			lines[at] = append(lines[at], n)
		}
	}
	for at, ends := range lines {
		slices.SortFunc(ends, func(a, b *causation.Node) int { return a.Row - b.Row })
		for i, n := range ends[1:] {
			if o := ends[i]; g.Nodes[o.Parent].Row > g.Nodes[n.Parent].Row {
				t.Errorf("%v: the line to row %d crosses the one to row %d", at, o.Row, n.Row)
			}
		}
		checkSiblings(t, ends)
	}
}

// checkSiblings makes sure that those of the same parent stand in the order of
// the log, given in the order of their rows.
func checkSiblings(t testing.TB, ends []*causation.Node) {
	t.Helper()
	for i, n := range ends[1:] {
		if o := ends[i]; o.Parent == n.Parent && o.Event.Position > n.Event.Position {
			t.Errorf("%s stands above %s", o.Event.Type, n.Event.Type)
		}
	}
}

// positions are those from one to another.
func positions(first, last cairn.Position) (all []cairn.Position) {
	for p := first; p <= last; p++ {
		all = append(all, p)
	}
	return all
}
