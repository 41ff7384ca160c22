package projection

import (
	"context"

	"github.com/cairndb/cairn"
)

// An aim is what a build has to show.
type aim interface {
	// behind compares how far lanes are with where they have to be, and returns
	// both for one that is not there yet: need > at. It is not if none is.
	behind(ctx context.Context, log cairn.LogReader, lanes []Checkpoint) (need, at cairn.Position, err error)
}

// A frontier is the last event of each lane up to a token. A lane in which nothing
// happens stands still, far behind the others, and has shown everything all the
// same. So the log is read backward from the token for the last event of each
// lane, no further than it takes to see that one is behind, and no event twice.
type frontier struct {
	selected cairn.AllOptions
	lanes    int
	keyed    bool // nobody here knows an event's lane: each may be any lane's
	only     int  // the lane that counts, or -1: all

	last map[int]cairn.Position // of those lanes for which it was found
	down cairn.Position         // all events from here to the token were looked at
}

// mostAhead is how many events one look reads at most.
const mostAhead = 1024

func allLanes(b *Definition, token cairn.Position) aim {
	return &frontier{
		selected: selection(b.Query), lanes: max(b.Lanes, 1), keyed: b.Keyed && b.Lanes > 1, only: -1,
		last: map[int]cairn.Position{}, down: token + 1,
	}
}

func (f *frontier) behind(ctx context.Context, log cairn.LogReader, lanes []Checkpoint) (need, at cairn.Position, err error) {
	for n := 1; ; n *= 4 {
		if need, at = f.short(lanes); need > at {
			return need, at, nil
		}
		lowest := f.lowest(lanes)
		if lowest+1 >= f.down {
			return 0, 0, nil
		}
		if n > mostAhead {
			return f.down - 1, lowest, nil // the next look goes on from here
		}
		if err := f.scan(ctx, log, lowest, n); err != nil {
			return 0, 0, err
		}
	}
}

// short is where a lane has to be that is not there, and where it is.
func (f *frontier) short(lanes []Checkpoint) (need, at cairn.Position) {
	for n, last := range f.last {
		if f.counts(n) && lanes[n].Position < last {
			return last, lanes[n].Position
		}
	}
	return 0, 0
}

// lowest is how far the lanes have come at least whose last event is not known.
func (f *frontier) lowest(lanes []Checkpoint) cairn.Position {
	lowest := f.down - 1
	for n := range lanes {
		if _, known := f.last[n]; !known && f.counts(n) {
			lowest = min(lowest, lanes[n].Position)
		}
	}
	return lowest
}

func (f *frontier) counts(lane int) bool { return f.only < 0 || f.only == lane }

// scan looks at up to n more events.
func (f *frontier) scan(ctx context.Context, log cairn.LogReader, after cairn.Position, n int) error {
	o := f.selected
	o.After, o.Before, o.Backward, o.Limit = after, f.down, true, n
	for e, err := range log.ReadAll(ctx, o) {
		if err != nil {
			return err
		}
		f.down, n = e.Position, n-1
		f.found(&e)
	}
	if n > 0 {
		f.down = after + 1
	}
	return nil
}

func (f *frontier) found(e *cairn.Recorded) {
	first, end := 0, f.lanes
	if !f.keyed {
		first = laneOf(e.Stream, f.lanes)
		end = first + 1
	}
	for n := first; n < end; n++ {
		if _, known := f.last[n]; !known {
			f.last[n] = e.Position
		}
	}
}
