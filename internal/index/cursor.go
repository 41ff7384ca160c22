package index

import (
	"cmp"
	"math"
	"slices"

	"github.com/cairndb/cairn"
)

// A Cursor yields the places of a term, ascending, or descending if it goes
// backward. It sees what was applied before it was first used, and not what is
// applied later; while it is open, what it sees is not freed. It belongs to one
// goroutine and must be closed.
type Cursor struct{ b blocks }

// Cursor returns a cursor over the places of a term of any kind. A term that
// has no places is one that has none.
func (x *Index) Cursor(t Term, backward bool) *Cursor {
	return &Cursor{blocks{x: x, kind: t.Kind, name: t.Name, backward: backward}}
}

// Seek goes to the first place at or after a position, backward to the last at
// or before it, and returns it. False means that there is none, or an error. It
// may be called in any order of positions.
func (c *Cursor) Seek(p cairn.Position) (Place, bool) {
	if !c.b.enter() {
		return Place{}, false
	}
	defer c.b.leave()
	found := false
	if c.b.kind == Stream {
		found = c.b.seekPosition(p)
	} else {
		found = c.b.seekEntry(uint64(p))
	}
	if !found {
		return Place{}, false
	}
	return c.b.current(), true
}

// Next goes to the next place and returns it. The first Next of a cursor that
// was not sought goes to the term's first place, backward to its last.
func (c *Cursor) Next() (Place, bool) {
	switch {
	case c.b.valid:
		if !c.b.step() {
			return Place{}, false
		}
		return c.b.current(), true
	case c.b.ended:
		return Place{}, false
	case c.b.backward:
		return c.Seek(math.MaxUint64)
	default:
		return c.Seek(0)
	}
}

// Err returns what ended the cursor early: a [*cairn.CorruptError] for damage,
// [cairn.ErrClosed] after Close of the cursor or the index.
func (c *Cursor) Err() error { return c.b.err }

// Close ends the cursor. It may be called more than once.
func (c *Cursor) Close() error { return c.b.close() }

// seekPosition is seekEntry for streams, whose blocks are numbered by revision:
// it searches for the block in which the position falls.
func (b *blocks) seekPosition(p cairn.Position) bool {
	b.valid = false
	b.ended = true
	floor, found := b.floor(p)
	switch {
	case b.err != nil, !found && b.backward:
		return false
	case !found:
		return b.seek(0) && b.place(0)
	case b.number != floor || b.backward:
		if !b.loadAt(floor) {
			return false
		}
	}
	i, exact := slices.BinarySearchFunc(b.r.entries, p, func(e entry, p cairn.Position) int { return cmp.Compare(e.Position, p) })
	if b.backward && !exact {
		i--
	}
	return b.place(i)
}

// floor returns the newest block that does not begin after a position.
func (b *blocks) floor(p cairn.Position) (floor uint64, found bool) {
	if !b.seekNewest() {
		return 0, false
	}
	if b.r.entries[0].Position <= p {
		return b.newest, true
	}
	for low, end := uint64(0), b.newest; low < end; {
		middle := low + (end-low)/2
		switch {
		case !b.loadAt(middle): // none at or below it
			low = middle + 1
		case b.r.entries[0].Position <= p:
			floor, found, low = b.number, true, middle+1
		default:
			end = b.number
		}
	}
	return floor, found
}

// loadAt loads the newest block at or below a number.
func (b *blocks) loadAt(number uint64) bool {
	b.between = true
	return b.load(b.r.it.SeekPrefixGE(b.key(number)))
}
