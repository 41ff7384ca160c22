package ui

import (
	"time"

	"github.com/cairndb/cairn"
)

// A row is an event in a list.
type row struct {
	Position cairn.Position
	Stream   string
	Revision cairn.Revision
	Type     string
	Time     time.Time
	Size     int
	Brief    string
	Fresh    bool // it came while the page was open
}

func rowOf(e *cairn.Recorded) row {
	return row{e.Position, e.Stream, e.Revision, e.Type, e.Time, len(e.Data), brief(e.Data), false}
}
