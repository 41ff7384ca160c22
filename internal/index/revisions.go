package index

import (
	"math"

	"github.com/cairndb/cairn"
)

// A RevisionCursor yields the revisions of a stream and their places. It is to
// revisions what a [Cursor] is to positions.
type RevisionCursor struct{ b blocks }

// Revisions returns a cursor over the revisions of a stream.
func (x *Index) Revisions(stream string, backward bool) *RevisionCursor {
	return &RevisionCursor{blocks{x: x, kind: Stream, name: stream, backward: backward}}
}

// Seek goes to the first revision at or after r, backward to the last at or
// before it, and returns it. False means that there is none, or an error.
func (c *RevisionCursor) Seek(r cairn.Revision) (cairn.Revision, Place, bool) {
	if r < 0 && c.b.backward {
		c.b.valid, c.b.ended = false, true
		return 0, Place{}, false
	}
	if !c.b.enter() {
		return 0, Place{}, false
	}
	defer c.b.leave()
	return c.result(c.b.seekEntry(uint64(max(r, 0))))
}

// Next goes to the next revision and returns it. The first Next of a cursor
// that was not sought goes to the stream's first revision, backward to its
// last.
func (c *RevisionCursor) Next() (cairn.Revision, Place, bool) {
	switch {
	case c.b.valid:
		return c.result(c.b.step())
	case c.b.ended:
		return 0, Place{}, false
	case c.b.backward:
		return c.Seek(math.MaxInt64)
	default:
		return c.Seek(0)
	}
}

func (c *RevisionCursor) result(found bool) (cairn.Revision, Place, bool) {
	if !found {
		return 0, Place{}, false
	}
	return c.b.revision(), c.b.current(), true
}

// Err returns what ended the cursor early.
func (c *RevisionCursor) Err() error { return c.b.err }

// Close ends the cursor. It may be called more than once.
func (c *RevisionCursor) Close() error { return c.b.close() }
