package projection

import (
	"context"

	"github.com/cairndb/cairn"
)

// A front is how far a build has come as a whole: all its events up to there were
// applied, parked or skipped. A lane in which nothing happens stands far behind
// it, so that the log is asked what lies between; it is never asked twice.
type front struct {
	selected cairn.AllOptions
	lane     func(*cairn.Recorded) int // nil if nobody here knows: an event may be any lane's
	at       cairn.Position
}

// newFront is the front of a build before anything is known of it. The key may be
// nil: then it is that of a build without a Key of its own.
func newFront(d *Definition, key func(*cairn.Recorded) string) *front {
	f := &front{selected: selection(d.Query)}
	switch {
	case d.Lanes <= 1:
		f.lane = func(*cairn.Recorded) int { return 0 }
	case key != nil && d.Keyed:
		f.lane = func(e *cairn.Recorded) int { return laneOfKeyed(key, e, d.Lanes) }
	case !d.Keyed:
		f.lane = func(e *cairn.Recorded) int { return laneOf(e.Stream, d.Lanes) }
	}
	return f
}

// advance moves the front as far as the lanes allow, but not beyond a position
// that the log has. It looks at as many events as limit says; zero is all.
func (f *front) advance(ctx context.Context, log cairn.LogReader, lanes []cairn.Position, to cairn.Position, limit int) error {
	low := lowest(lanes)
	f.at = max(f.at, low)
	if len(lanes) == 0 || f.at >= to {
		return nil
	}
	o := f.selected
	o.After, o.Before, o.Limit = f.at, to+1, limit
	n := 0
	for e, err := range log.ReadAll(ctx, o) {
		if err != nil {
			return err
		}
		if !f.applied(&e, lanes, low) {
			f.at = e.Position - 1
			return nil
		}
		n++
		f.at = e.Position
	}
	if limit == 0 || n < limit {
		f.at = to
	}
	return nil
}

func (f *front) applied(e *cairn.Recorded, lanes []cairn.Position, low cairn.Position) bool {
	if f.lane == nil {
		return e.Position <= low
	}
	n := f.lane(e)
	return n < len(lanes) && e.Position <= lanes[n]
}

// laneOfKeyed is no lane at all if the Key panics: then no lane passes the event.
func laneOfKeyed(key func(*cairn.Recorded) string, e *cairn.Recorded, lanes int) int {
	own, err := keyOf(key, e)
	if err != nil {
		return lanes
	}
	return laneOf(own, lanes)
}

// lowest is the least of some positions; zero if there are none.
func lowest(lanes []cairn.Position) (low cairn.Position) {
	for i, at := range lanes {
		if i == 0 || at < low {
			low = at
		}
	}
	return low
}
