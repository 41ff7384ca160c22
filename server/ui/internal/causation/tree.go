package causation

import (
	"slices"
	"strings"

	"github.com/cairndb/cairn"
)

// causeSize is how many bytes of a cause that is no event's ID are kept.
const causeSize = 128

// nodes puts the events in the order of the graph. A chain may be as long as the
// graph, so this does not recurse.
func (l *linker) nodes() []Node {
	stack, children := l.forest()
	nodes := make([]Node, 0, len(l.events))
	placed := make([]int, len(l.events))
	root := none
	for len(stack) > 0 {
		i, at := stack[len(stack)-1], len(nodes)
		stack = append(stack[:len(stack)-1], children[i]...)
		placed[i] = at
		n := l.node(i)
		if p := l.parents[i]; p == none {
			root = at
		} else {
			n.hang(nodes, placed[p], root)
			nodes[n.Parent].Children = append(nodes[n.Parent].Children, at)
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// forest is the roots and each event's children, all with the first one last:
// as stacks.
func (l *linker) forest() (roots []int, children [][]int) {
	children = make([][]int, len(l.events))
	for i, p := range slices.Backward(l.parents) {
		if p == none {
			roots = append(roots, i)
		} else {
			children[p] = append(children[p], i)
		}
	}
	return roots, children
}

func (l *linker) node(i int) Node {
	e := &l.events[i]
	return Node{
		Event: e.Recorded, Category: cairn.Category(e.Stream),
		Parent: none, Cause: clip(e.cause, causeSize), Orphan: l.orphans[i],
	}
}

// hang puts a node under its parent, in the tree of a root. The time from the
// root is not the sum of the steps: a [time.Duration] holds 292 years, and steps
// that are cut down to that add up to nonsense.
func (n *Node) hang(nodes []Node, parent, root int) {
	n.Parent = parent
	n.Column = nodes[parent].Column + 1
	n.SinceParent = n.Event.Time.Sub(nodes[parent].Event.Time)
	n.SinceRoot = n.Event.Time.Sub(nodes[root].Event.Time)
}

// clip is at most the first size bytes of a text, with whole characters only, and
// does not keep the rest in memory.
func clip(s string, size int) string {
	if len(s) <= size {
		return s
	}
	for size > 0 && s[size]&0xc0 == 0x80 {
		size--
	}
	return strings.Clone(s[:size])
}
