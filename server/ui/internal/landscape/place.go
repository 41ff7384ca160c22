package landscape

import (
	"cmp"
	"slices"
)

// sweeps is how often boxes are put in the order of what they are connected with.
const sweeps = 6

// A placer places a graph.
type placer struct {
	g     *Graph
	plan  Plan
	near  [][]int // of each node, those that it is connected with
	lanes []lane
	free  map[int][]int // the nodes of each column that are in no lane
}

// A lane holds the nodes of each column, by its number.
type lane struct {
	name    string
	columns map[int][]int
}

// Place places a graph. The same graph has the same plan.
func Place(g *Graph) Plan {
	p := &placer{g: g, near: make([][]int, len(g.Nodes)), free: map[int][]int{}}
	p.plan.Boxes = make([]Box, len(g.Nodes))
	p.sort()
	p.columns()
	p.stack()
	p.float()
	for range sweeps {
		for _, c := range p.plan.Columns {
			p.reorder(c.Number)
			p.stack()
		}
		p.float()
	}
	p.plan.Curves = p.curves()
	return p.plan
}

// sort finds out who is connected with whom, and in which lane everything is.
func (p *placer) sort() {
	for _, e := range p.g.Edges {
		p.near[e.From] = append(p.near[e.From], e.To)
		p.near[e.To] = append(p.near[e.To], e.From)
	}
	at := map[string]int{}
	for i := range p.g.Nodes {
		n := &p.g.Nodes[i]
		if n.Free {
			p.free[n.Column] = append(p.free[n.Column], i)
			continue
		}
		k, known := at[n.Lane]
		if !known {
			k = len(p.lanes)
			at[n.Lane] = k
			p.lanes = append(p.lanes, lane{n.Lane, map[int][]int{}})
		}
		p.lanes[k].columns[n.Column] = append(p.lanes[k].columns[n.Column], i)
	}
}

// columns gives those that have boxes their places.
func (p *placer) columns() {
	used := map[int]bool{}
	for i := range p.g.Nodes {
		used[p.g.Nodes[i].Column] = true
	}
	x, places := margin, map[int]int{}
	for c := range 64 {
		if used[c] {
			p.plan.Columns, places[c] = append(p.plan.Columns, Column{c, x}), x
			x += Width + gapX
		}
	}
	p.plan.Width = max(x-gapX+margin, Width)
	for i := range p.g.Nodes {
		n := &p.g.Nodes[i]
		p.plan.Boxes[i] = Box{X: places[n.Column], Width: Width, Height: n.height()}
	}
}

// stack puts the boxes of lanes one below the other, each lane as high as its
// highest column, and the others in the middle of it.
func (p *placer) stack() {
	y := top
	p.plan.Bands = p.plan.Bands[:0]
	for _, l := range p.lanes {
		high := 0
		for _, nodes := range l.columns {
			high = max(high, p.high(nodes))
		}
		for _, nodes := range l.columns {
			at := y + name + (high-p.high(nodes))/2
			for _, i := range nodes {
				p.plan.Boxes[i].Y = at
				at += p.plan.Boxes[i].Height + gapY
			}
		}
		p.plan.Bands = append(p.plan.Bands, Band{l.name, y, name + high + rest})
		y += name + high + rest
	}
	p.plan.Height = y + margin
}

// high is how high nodes are together.
func (p *placer) high(nodes []int) int {
	h := gapY * (len(nodes) - 1)
	for _, i := range nodes {
		h += p.plan.Boxes[i].Height
	}
	return h
}

// float puts the boxes that are in no lane near what they are connected with. They
// make room for each other, downward and then up again.
func (p *placer) float() {
	for _, c := range p.plan.Columns {
		nodes := p.free[c.Number]
		p.toCentre(nodes)
		y := top + name
		for _, i := range nodes {
			b := &p.plan.Boxes[i]
			b.Y = max(y, p.centre(i)-b.Height/2)
			y = b.Y + b.Height + gapY
		}
		p.plan.Height = max(p.plan.Height, top+name+p.high(nodes)+rest+margin)
		bottom := p.plan.Height - margin - rest
		for _, i := range slices.Backward(nodes) {
			b := &p.plan.Boxes[i]
			b.Y = min(b.Y, bottom-b.Height)
			bottom = b.Y - gapY
		}
	}
}

// reorder puts the boxes of a column, in each lane, in the order of what they are
// connected with.
func (p *placer) reorder(column int) {
	for _, l := range p.lanes {
		p.toCentre(l.columns[column])
	}
}

// toCentre sorts nodes by where those are that they are connected with.
func (p *placer) toCentre(nodes []int) {
	at := make(map[int]int, len(nodes))
	for _, i := range nodes {
		at[i] = p.centre(i)
	}
	slices.SortFunc(nodes, func(a, b int) int { return cmp.Or(cmp.Compare(at[a], at[b]), cmp.Compare(a, b)) })
}

// centre is the middle of those that a node is connected with, or its own.
func (p *placer) centre(i int) int {
	if len(p.near[i]) == 0 {
		return p.middle(i)
	}
	sum := 0
	for _, j := range p.near[i] {
		sum += p.middle(j)
	}
	return sum / len(p.near[i])
}

func (p *placer) middle(i int) int { return p.plan.Boxes[i].Y + p.plan.Boxes[i].Height/2 }
