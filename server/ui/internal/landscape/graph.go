// Package landscape places the parts of a system on a picture: boxes in columns,
// through which events flow from left to right, those of a service beside each
// other in a lane, and curves between them. It knows no events and no markup.
package landscape

// A Graph is what is to be placed.
type Graph struct {
	Nodes []Node
	Edges []Edge
}

// A Node is a box. Columns count from zero; those without a box take no room.
type Node struct {
	Column int
	Lane   string // of which service it is; lanes come in the order of their first nodes
	Free   bool   // it is in no lane, and stands near what it is connected with
	Lines  int    // of text
}

// An Edge leads from a node to another one, by their numbers.
type Edge struct{ From, To int }

// A Plan says where everything is, in pixels.
type Plan struct {
	Width, Height int
	Columns       []Column
	Bands         []Band
	Boxes         []Box   // of the nodes, by number
	Curves        []Curve // of the edges, by number
}

// A Column is one that has boxes.
type Column struct{ Number, X int }

// A Band is a lane.
type Band struct {
	Name      string
	Y, Height int
}

// A Box is where a node is.
type Box struct{ X, Y, Width, Height int }

// A Curve is an edge as the paths of its line and of the head of its arrow.
type Curve struct {
	Line, Head string
	Back       bool // it leads to the left
}

// The sizes of a picture.
const (
	Width   = 184 // of a box
	Line    = 16  // the height of a line of text in it
	Padding = 8   // above and below the text

	gapX   = 46 // between columns
	gapY   = 10 // between boxes
	margin = 14 // around everything
	top    = 26 // for the names of the columns
	name   = 18 // for that of a lane
	rest   = 8  // between the boxes and the end of a lane
)

func (n *Node) height() int { return 2*Padding + n.Lines*Line }
