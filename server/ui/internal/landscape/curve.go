package landscape

import (
	"cmp"
	"fmt"
	"slices"
)

// An end is where an edge meets a box.
type end struct {
	edge, node int
	right      bool // side of the box
	other      int  // the middle of the box at the other end
	y          int
}

// curves draws the edges. Where several meet a side of a box they share it, in
// the order of where they come from.
func (p *placer) curves() []Curve {
	ends := make([]end, 0, 2*len(p.g.Edges))
	for i, e := range p.g.Edges {
		from, to := p.g.Nodes[e.From].Column, p.g.Nodes[e.To].Column
		ends = append(ends,
			end{edge: i, node: e.From, right: from <= to, other: p.middle(e.To)},
			end{edge: i, node: e.To, right: from >= to, other: p.middle(e.From)})
	}
	p.share(ends)
	all := make([]Curve, len(p.g.Edges))
	for i, e := range p.g.Edges {
		all[i] = p.curve(&ends[2*i], &ends[2*i+1])
		all[i].Back = p.g.Nodes[e.From].Column > p.g.Nodes[e.To].Column
	}
	return all
}

// share gives each end its place on the side of its box.
func (p *placer) share(ends []end) {
	type side struct {
		node  int
		right bool
	}
	sides := map[side][]int{}
	for i := range ends {
		s := side{ends[i].node, ends[i].right}
		sides[s] = append(sides[s], i)
	}
	for s, all := range sides {
		slices.SortFunc(all, func(a, b int) int { return cmp.Or(cmp.Compare(ends[a].other, ends[b].other), cmp.Compare(a, b)) })
		b := p.plan.Boxes[s.node]
		for k, i := range all {
			ends[i].y = b.Y + Padding/2 + (b.Height-Padding)*(k+1)/(len(all)+1)
		}
	}
}

// curve goes out of one side and into another, level at both ends.
func (p *placer) curve(from, to *end) Curve {
	x1, d1 := p.leave(from)
	x2, d2 := p.leave(to)
	bend := max(gapX*2/3, (max(x1, x2)-min(x1, x2))/2)
	tip := x2 + 2*d2
	return Curve{
		Line: fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, from.y, x1+d1*bend, from.y, tip+d2*bend, to.y, tip+4*d2, to.y),
		Head: fmt.Sprintf("M%d %dl%d -4v8z", tip, to.y, 7*d2),
	}
}

// leave is the side of a box, and the direction away from it.
func (p *placer) leave(e *end) (x, direction int) {
	b := p.plan.Boxes[e.node]
	if e.right {
		return b.X + b.Width, 1
	}
	return b.X, -1
}
