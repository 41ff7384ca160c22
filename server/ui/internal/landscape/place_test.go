package landscape

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// shop is a relay, a projection and a subscriber of an order, and their topics.
func shop() *Graph {
	return &Graph{
		Nodes: []Node{
			{Column: 0, Free: true, Lines: 2}, {Column: 1, Lane: "order", Lines: 2}, {Column: 2, Lane: "order", Lines: 6},
			{Column: 3, Lane: "order", Lines: 2}, {Column: 3, Lane: "order", Lines: 2}, {Column: 4, Free: true, Lines: 2},
		},
		Edges: []Edge{{0, 1}, {1, 2}, {2, 3}, {2, 4}, {3, 5}, {4, 2}},
	}
}

func random(r *rand.Rand) *Graph {
	g := &Graph{}
	for range r.IntN(120) {
		c := r.IntN(5)
		free := c == 0 || c == 4
		g.Nodes = append(g.Nodes, Node{Column: c, Lane: fmt.Sprint(r.IntN(6)), Free: free, Lines: 1 + r.IntN(8)})
	}
	for range r.IntN(300) {
		if n := len(g.Nodes); n > 0 {
			g.Edges = append(g.Edges, Edge{r.IntN(n), r.IntN(n)})
		}
	}
	return g
}

// check holds a plan to what every plan is.
func check(t *testing.T, g *Graph, p *Plan) {
	t.Helper()
	if len(p.Boxes) != len(g.Nodes) || len(p.Curves) != len(g.Edges) {
		t.Fatalf("%d boxes and %d curves for %d nodes and %d edges", len(p.Boxes), len(p.Curves), len(g.Nodes), len(g.Edges))
	}
	bands := map[string]Band{}
	for _, b := range p.Bands {
		bands[b.Name] = b
	}
	for i, b := range p.Boxes {
		if b.X < 0 || b.Y < top || b.X+b.Width > p.Width || b.Y+b.Height > p.Height {
			t.Errorf("box %d is at %+v of %d × %d", i, b, p.Width, p.Height)
		}
		if band := bands[g.Nodes[i].Lane]; !g.Nodes[i].Free && (b.Y < band.Y || b.Y+b.Height > band.Y+band.Height) {
			t.Errorf("box %d at %+v is not in its lane %+v", i, b, band)
		}
		for j, o := range p.Boxes[:i] {
			if b.X < o.X+o.Width && o.X < b.X+b.Width && b.Y < o.Y+o.Height && o.Y < b.Y+b.Height {
				t.Errorf("box %d at %+v lies over %d at %+v", i, b, j, o)
			}
		}
	}
	for i, b := range p.Bands {
		if i > 0 && b.Y < p.Bands[i-1].Y+p.Bands[i-1].Height || b.Y+b.Height > p.Height {
			t.Errorf("lane %+v after %+v, of %d", b, p.Bands[:i], p.Height)
		}
	}
}

func TestRandomGraphs(t *testing.T) {
	for seed := range uint64(300) {
		g := random(rand.New(rand.NewPCG(seed, 1)))
		p := Place(g)
		if check(t, g, &p); t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		if again := Place(g); !reflect.DeepEqual(p, again) {
			t.Fatalf("seed %d: the same graph has two plans", seed)
		}
	}
}

func TestNothing(t *testing.T) {
	if p := Place(&Graph{}); p.Width <= 0 || p.Height <= 0 || len(p.Bands) > 0 {
		t.Errorf("got %+v", p)
	}
}

func TestColumnsWithoutBoxesTakeNoRoom(t *testing.T) {
	g := &Graph{Nodes: []Node{{Column: 2, Lines: 1}, {Column: 4, Free: true, Lines: 1}}, Edges: []Edge{{0, 1}}}
	p := Place(g)
	check(t, g, &p)
	if p.Width != 2*margin+2*Width+gapX || len(p.Columns) != 2 || p.Columns[1].Number != 4 {
		t.Errorf("got %+v", p)
	}
}

var path = regexp.MustCompile(`^M(\d+) (\d+)C(-?\d+) (-?\d+) (-?\d+) (-?\d+) (\d+) (\d+)$`)

func TestCurvesLeaveAndArriveOnTheRightSide(t *testing.T) {
	g := shop()
	p := Place(g)
	check(t, g, &p)
	for i, c := range p.Curves {
		at := path.FindStringSubmatch(c.Line)
		if at == nil {
			t.Fatalf("curve %d is %q", i, c.Line)
		}
		from, to := p.Boxes[g.Edges[i].From], p.Boxes[g.Edges[i].To]
		x1, x2 := from.X+from.Width, to.X-6
		if i == 5 { // back, between the same columns
			x1, x2 = from.X, to.X+to.Width+6
		}
		if at[1] != fmt.Sprint(x1) || at[7] != fmt.Sprint(x2) || c.Back != (i == 5) {
			t.Errorf("curve %d goes from %s to %s, back %v; want %d and %d", i, at[1], at[7], c.Back, x1, x2)
		}
	}
}

// Edges that meet a box do not meet each other there.
func TestEndsShareTheSide(t *testing.T) {
	g := &Graph{Nodes: []Node{{Column: 2, Lines: 6}}}
	for range 5 {
		g.Nodes = append(g.Nodes, Node{Column: 3, Lines: 2})
		g.Edges = append(g.Edges, Edge{0, len(g.Nodes) - 1})
	}
	p, seen := Place(g), map[string]bool{}
	for _, c := range p.Curves {
		begin, _, _ := strings.Cut(c.Line, "C")
		if seen[begin] {
			t.Errorf("two begin at %s", begin)
		}
		seen[begin] = true
	}
}

// What is connected stands side by side, in whatever order it came.
func TestNeighboursMeet(t *testing.T) {
	g := &Graph{Nodes: []Node{{Column: 2, Lines: 1}, {Column: 2, Lines: 1}, {Column: 3, Lines: 1}, {Column: 3, Lines: 1}}, Edges: []Edge{{0, 3}, {1, 2}}}
	p := Place(g)
	if p.Boxes[0].Y != p.Boxes[3].Y || p.Boxes[1].Y != p.Boxes[2].Y {
		t.Errorf("got %+v", p.Boxes)
	}
}
