package ui

import (
	"fmt"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/server/ui/internal/causation"
)

// A drawing is a graph of events as shapes: places are in pixels of the picture.
type drawing struct {
	Correlation   string
	Width, Height int
	Lanes         []drawnLane
	Boxes         []drawnEvent
	Lines         []drawnLine
	Cut           bool
	Total         time.Duration // from the first event to the last
	Streams       int
}

type drawnLane struct {
	Name      string
	Y, Height int
	Odd       bool
}

type drawnEvent struct {
	X, Y     int
	Position cairn.Position
	Type     string
	Stream   string
	After    string // how long after what led to it
	This     bool
	Orphan   bool
}

type drawnLine struct{ Path string }

// The sizes of a drawing.
const (
	boxWidth   = 190
	boxHeight  = 44
	gapWidth   = 44
	gapHeight  = 14
	laneMargin = 22 // for the name
)

func draw(g *causation.Graph, this cairn.Position) *drawing {
	d := &drawing{Correlation: g.Correlation, Cut: g.Cut, Width: g.Columns*(boxWidth+gapWidth) - gapWidth + 2*gapHeight}
	lane := 0
	tops := make([]int, g.Rows) // of each row
	for i, l := range g.Lanes {
		height := laneMargin + l.Rows*(boxHeight+gapHeight)
		d.Lanes = append(d.Lanes, drawnLane{l.Category, lane, height, i%2 == 1})
		for row := range l.Rows {
			tops[l.Row+row] = lane + laneMargin + row*(boxHeight+gapHeight)
		}
		lane += height
	}
	d.Height = lane
	d.fill(g, tops, this)
	return d
}

func (d *drawing) fill(g *causation.Graph, tops []int, this cairn.Position) {
	streams := map[string]bool{}
	first, last := g.Nodes[0].Event.Time, g.Nodes[0].Event.Time
	for i := range g.Nodes {
		n := &g.Nodes[i]
		box := drawnEvent{
			X: gapHeight + n.Column*(boxWidth+gapWidth), Y: tops[n.Row], Position: n.Event.Position, Type: n.Event.Type,
			Stream: n.Event.Stream, This: n.Event.Position == this, Orphan: n.Orphan,
		}
		if n.Parent >= 0 {
			box.After = "+" + took(n.SinceParent)
			d.Lines = append(d.Lines, line(&d.Boxes[n.Parent], &box))
		}
		d.Boxes = append(d.Boxes, box)
		streams[n.Event.Stream] = true
		if n.Event.Time.After(last) {
			last = n.Event.Time
		}
		if n.Event.Time.Before(first) {
			first = n.Event.Time
		}
	}
	d.Total, d.Streams = last.Sub(first), len(streams)
}

// line is a curve from the right of one box to the left of another.
func line(from, to *drawnEvent) drawnLine {
	x1, y1 := from.X+boxWidth, from.Y+boxHeight/2
	x2, y2 := to.X, to.Y+boxHeight/2
	middle := (x1 + x2) / 2
	return drawnLine{fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, middle, y1, middle, y2, x2, y2)}
}
