package index

import (
	"bytes"
	"math"
)

// blocks walks over the blocks of one term, oldest first or newest first. It is
// the part that streams and other terms read alike: what it counts are block
// numbers and entries, and a cursor makes revisions or positions of them.
//
// Keys have the newest block first. Going backward therefore is Pebble's fast
// way: within a prefix, where filters say which tables can be passed over.
// Going forward begins the same way, at the newest block; it tells where the
// end is, and short terms have no other block.
type blocks struct {
	x        *Index
	kind     Kind
	backward bool
	prefix   int // length of the term's prefix in r.key
	r        *reader
	name     string
	err      error

	newest  uint64 // the newest block's number, once it is known
	known   bool
	number  uint64 // the current block's number
	at      int    // the current entry of r.entries
	valid   bool   // there is a current entry
	between bool   // the iterator is in prefix mode, which goes one way only
	ended   bool
}

// enter begins a use of the reader, which it takes first if there is none yet.
func (b *blocks) enter() bool {
	if b.err != nil {
		return false
	}
	if b.err = b.x.readers.enter(); b.err != nil {
		return false
	}
	if b.r != nil {
		return true
	}
	if b.r, b.err = b.x.readers.lendFor(byte(b.kind), b.name); b.err != nil {
		b.x.readers.leave()
		return false
	}
	b.r.key = appendTerm(b.r.key[:0], Term{b.kind, b.name})
	b.prefix = len(b.r.key)
	return true
}

func (b *blocks) leave() { b.x.readers.leave() }

// close gives the reader back.
func (b *blocks) close() error {
	b.valid, b.ended = false, true
	if b.r == nil {
		return nil
	}
	if b.x.readers.enter() == nil {
		b.x.readers.giveBack(b.r)
		b.x.readers.leave()
	}
	b.r = nil
	if b.err == nil {
		b.err = errClosed
	}
	return nil
}

// key returns the key of a block.
func (b *blocks) key(number uint64) []byte {
	b.r.key = appendNumber(b.r.key[:b.prefix], number)
	return b.r.key
}

// seek goes to the lowest block at or above a number; backward, to the highest
// at or below. It must be between enter and leave, as all below.
func (b *blocks) seek(number uint64) bool {
	if b.backward {
		b.between = true
		return b.load(b.r.it.SeekPrefixGE(b.key(number)))
	}
	if !b.known || b.newest == number {
		if !b.seekNewest() || b.newest < number {
			return false
		}
		if b.newest == number {
			return true
		}
		return b.seekBelowNewest(number)
	}
	if b.newest < number {
		return false
	}
	return b.seekExactly(number)
}

func (b *blocks) seekNewest() bool {
	b.between = true
	if !b.load(b.r.it.SeekPrefixGE(b.key(math.MaxUint64))) {
		return false
	}
	b.newest, b.known = b.number, true
	return true
}

// seekBelowNewest seeks a block with the newest one loaded. The one before it
// is a step away, and tells whether there is anything more to look for.
func (b *blocks) seekBelowNewest(number uint64) bool {
	if !b.r.it.Next() || blockNumber(b.r.it.Key()) < number {
		return b.r.it.Error() == nil || b.load(false)
	}
	if blockNumber(b.r.it.Key()) == number {
		return b.load(true)
	}
	return b.seekExactly(number)
}

// seekExactly seeks a block that is not the newest, or comes before a block
// that exists.
func (b *blocks) seekExactly(number uint64) bool {
	b.between = false
	return b.load(b.r.it.SeekLT(b.above(number)))
}

// above returns the least key above those of the blocks at or above a number.
func (b *blocks) above(number uint64) []byte {
	if number > 0 {
		return b.key(number - 1)
	}
	b.r.key = append(b.r.key[:b.prefix], successorOfZero...)
	return b.r.key
}

// successorOfZero is above the number of every block.
var successorOfZero = bytes.Repeat([]byte{0xff}, numberSize+1)

// next goes to the next block in the cursor's direction.
func (b *blocks) next() bool {
	switch {
	case b.backward:
		return b.load(b.r.it.Next())
	case b.number == b.newest:
		return false
	case b.between:
		b.between = false
		return b.load(b.r.it.SeekLT(b.key(b.number)))
	default:
		return b.load(b.r.it.Prev())
	}
}

// load reads the block that the iterator is at, if it is at one of the term's.
func (b *blocks) load(ok bool) bool {
	it := b.r.it
	if !ok {
		b.fail(it.Error())
		return false
	}
	key := it.Key()
	if len(key) != b.prefix+numberSize || !bytes.Equal(key[:b.prefix], b.r.key[:b.prefix]) {
		return false
	}
	value, err := it.ValueAndErr()
	if err != nil {
		b.fail(err)
		return false
	}
	b.number = blockNumber(key)
	if b.r.entries, err = decodeRuns(b.r.entries[:0], b.kind, b.number, value); err != nil {
		b.fail(pebbleCorruption(err))
		return false
	}
	return len(b.r.entries) > 0
}

func (b *blocks) fail(err error) {
	if err != nil && b.err == nil {
		b.err = b.x.report(err)
	}
}
