package index

import (
	"cmp"
	"slices"

	"github.com/cairndb/cairn"
)

// The methods of blocks that walk over entries, within a block and from one to
// the next.

// place puts the cursor on an entry of the current block, or on the first one
// of the next block if it is beyond the end in the cursor's direction.
func (b *blocks) place(i int) bool {
	switch {
	case i >= 0 && i < len(b.r.entries):
		b.at = i
	case !b.next():
		b.valid, b.ended = false, true
		return false
	default:
		b.at = b.first()
	}
	b.valid, b.ended = true, false
	return true
}

// seekEntry goes to the entry with a number, which is that of its block
// followed by its offset, or to the next one in the cursor's direction.
func (b *blocks) seekEntry(n uint64) bool {
	bits := b.kind.blockBits()
	block, offset := n>>bits, uint16(n&(1<<bits-1))
	if (!b.valid || b.number != block) && !b.seek(block) {
		b.valid, b.ended = false, true
		return false
	}
	return b.place(b.find(block, offset))
}

// find returns the index of the entry to go to in the current block, the one
// that was asked for or the one beyond it.
func (b *blocks) find(block uint64, offset uint16) int {
	es := b.r.entries
	if b.number != block {
		return b.first()
	}
	i, found := slices.BinarySearchFunc(es, offset, func(e entry, o uint16) int { return cmp.Compare(e.offset, o) })
	if b.backward && !found {
		i--
	}
	return i
}

// first returns the index of the entry that comes first in the cursor's
// direction.
func (b *blocks) first() int {
	if b.backward {
		return len(b.r.entries) - 1
	}
	return 0
}

// step goes to the next entry in the cursor's direction.
func (b *blocks) step() bool {
	next := b.at + 1
	if b.backward {
		next = b.at - 1
	}
	if next >= 0 && next < len(b.r.entries) {
		b.at = next
		return true
	}
	if !b.enter() {
		b.valid = false
		return false
	}
	defer b.leave()
	return b.place(next)
}

func (b *blocks) current() Place { return b.r.entries[b.at].Place }

func (b *blocks) revision() cairn.Revision {
	return cairn.Revision(b.number<<b.kind.blockBits() + uint64(b.r.entries[b.at].offset))
}
