package causation

import (
	"slices"

	"github.com/cairndb/cairn"
)

// causeSize is how many bytes of a cause that is no event's ID are kept.
const causeSize = 128

// A linker finds the parents of events. Events are known by their place in the
// order of the log.
type linker struct {
	correlation string
	events      []event
	byID        map[cairn.ID][]int
	parents     []int
	orphans     []bool
}

const none = -1

// arrange makes the graph of events in the order of the log.
func arrange(events []event, correlation string) *Graph {
	l := linker{
		correlation: correlation, events: events, byID: map[cairn.ID][]int{},
		parents: make([]int, len(events)), orphans: make([]bool, len(events)),
	}
	for i := range events {
		l.byID[events[i].ID] = append(l.byID[events[i].ID], i)
	}
	for i := range events {
		l.parents[i], l.orphans[i] = l.parent(i)
	}
	l.breakCycles()
	l.adopt()
	g := &Graph{Correlation: correlation, Nodes: l.nodes()}
	g.layOut()
	return g
}

// parent is what led to an event: none of a root, and none of an orphan. An ID
// may be there in several streams; then it is the last before the event.
//
// What names itself as its cause began by itself, and so did what names its
// correlation where that is no event: that is the command or request behind it.
func (l *linker) parent(i int) (parent int, orphan bool) {
	e := &l.events[i]
	id, err := cairn.ParseID(e.cause)
	if e.cause == "" || err == nil && id == e.ID {
		return none, false
	}
	if err != nil {
		return none, e.cause != l.correlation
	}
	same := l.byID[id]
	if len(same) == 0 {
		return none, e.cause != l.correlation
	}
	n, _ := slices.BinarySearch(same, i)
	return same[max(n-1, 0)], false
}

// breakCycles makes an orphan of the first event of each cycle.
func (l *linker) breakCycles() {
	const fresh, walked = -1, -2
	walk := slices.Repeat([]int{fresh}, len(l.events)) // or the event that the walk began with
	for i := range l.events {
		at := i
		for at != none && walk[at] == fresh {
			walk[at] = i
			at = l.parents[at]
		}
		if at != none && walk[at] == i {
			first := l.firstOfCycle(at)
			l.parents[first], l.orphans[first] = none, true
		}
		for at = i; at != none && walk[at] == i; at = l.parents[at] {
			walk[at] = walked
		}
	}
}

func (l *linker) firstOfCycle(start int) int {
	first := start
	for at := l.parents[start]; at != start; at = l.parents[at] {
		first = min(first, at)
	}
	return first
}

// adopt hangs orphans under the last root before them.
func (l *linker) adopt() {
	root := none
	for i := range l.events {
		switch {
		case l.parents[i] != none:
		case l.orphans[i]:
			l.parents[i] = root
		default:
			root = i
		}
	}
}

// nodes puts the events in the order of the graph.
func (l *linker) nodes() []Node {
	children := make([][]int, len(l.events))
	stack := []int{}
	for i, p := range slices.Backward(l.parents) {
		if p == none {
			stack = append(stack, i) // the first ends up on top
		} else {
			children[p] = append(children[p], i)
		}
	}
	nodes := make([]Node, 0, len(l.events))
	placed := make([]int, len(l.events))
	for len(stack) > 0 {
		i := stack[len(stack)-1]
		stack = append(stack[:len(stack)-1], children[i]...)
		placed[i] = len(nodes)
		parent := none
		if p := l.parents[i]; p != none {
			parent = placed[p]
			nodes[parent].Children = append(nodes[parent].Children, len(nodes))
		}
		nodes = append(nodes, l.node(i, parent, nodes))
	}
	return nodes
}

func (l *linker) node(i, parent int, nodes []Node) Node {
	e := &l.events[i]
	n := Node{Event: e.Recorded, Category: cairn.Category(e.Stream), Parent: parent, Cause: clip(e.cause), Orphan: l.orphans[i]}
	if parent != none {
		p := &nodes[parent]
		n.Column = p.Column + 1
		n.SinceParent = e.Time.Sub(p.Event.Time)
		n.SinceRoot = p.SinceRoot + n.SinceParent
	}
	return n
}

// clip is the beginning of a text, with whole characters only.
func clip(s string) string {
	if len(s) <= causeSize {
		return s
	}
	end := causeSize
	for end > 0 && s[end]&0xc0 == 0x80 {
		end--
	}
	return s[:end]
}
