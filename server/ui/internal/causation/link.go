package causation

import (
	"slices"
	"strings"

	"github.com/cairndb/cairn"
)

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
	same := l.byID[id]
	switch {
	case e.cause == "" || err == nil && id == e.ID:
		return none, false
	case err != nil:
		return none, e.cause != l.correlation
	case len(same) == 0: // an ID is the same in either case
		return none, !strings.EqualFold(e.cause, l.correlation)
	}
	n, _ := slices.BinarySearch(same, i)
	return same[max(n-1, 0)], false
}

// breakCycles makes an orphan of the first event of each cycle. It walks up from
// each event until it comes to the end or to where a walk has been: if that was
// this walk, it went in a circle.
func (l *linker) breakCycles() {
	const fresh = -1
	walk := slices.Repeat([]int{fresh}, len(l.events)) // the event that the walk began with
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
