// Package causation finds out what led to an event and what came of it.
//
// An event may say in its metadata what it belongs to, its correlation, such as
// the request that began it all, and which event led to it, its cause. The
// events of one correlation, across streams and services, so make trees: what
// began something is a root, and whatever an event led to hangs under it. This
// package reads the events of a correlation, links them, and lays the trees out
// on a grid, so that a page has only to draw lines.
//
// Metadata is written by anybody. Whatever it says, every event is in the graph
// once, a graph has no cycles, and its size is bounded.
package causation

import (
	"time"

	"github.com/cairndb/cairn"
)

// Limit is how many events a graph has at most.
const Limit = 200

// A Graph is the events of a correlation and how they led to each other.
type Graph struct {
	// Correlation is what the events belong to. If the event that was asked
	// about belongs to nothing it is that event's ID, which is what all that
	// follows from it belongs to.
	Correlation string

	// Nodes are the events. Each comes behind its parent, and all that it led
	// to directly behind it; apart from that the order is that of the log.
	Nodes []Node

	// Cut says that the correlation has more events than Limit: those are the
	// first of it, and the one that was asked about.
	Cut bool

	Columns, Rows int    // the size of the grid
	Lanes         []Lane // the rows of each category, from the top down
}

// A Node is an event in a graph.
type Node struct {
	// Event is the event without its Data and Metadata.
	Event    cairn.Recorded
	Category string // of its stream

	// Parent is the index of the node that it hangs under, and -1 of a root.
	// That is the event that led to it, unless it is an orphan.
	Parent   int
	Children []int // the indices of those that hang under it, in the order of the log

	// Cause is what the event says led to it, which need not be an event; at
	// most causeSize bytes of it.
	Cause string
	// Orphan says that what led to the event is not among the nodes: it lies
	// elsewhere or nowhere, or in what was cut off; or that it led to itself by
	// way of others, of which this is the first. The event hangs under the last
	// root in the log before it that is no orphan, or is a root itself if there
	// is none.
	Orphan bool

	// SinceParent and SinceRoot are the time from the parent, and from the root
	// of the tree; zero of a root. Events may carry times of their own, so
	// either may be negative, and one of over 292 years is cut to that.
	SinceParent, SinceRoot time.Duration

	// Column and Row are the place in the grid, counted from zero. The column
	// is how many steps it is from the root.
	Column, Row int
}

// A Lane is the rows of the grid in which the events of a category are.
type Lane struct {
	Category string
	Row      int // the first
	Rows     int // how many
}

// Find returns the index of the event at a position, -1 if it is not there.
func (g *Graph) Find(at cairn.Position) int {
	for i := range g.Nodes {
		if g.Nodes[i].Event.Position == at {
			return i
		}
	}
	return -1
}
