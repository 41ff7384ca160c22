package index

import (
	"hash/maphash"
	"sync/atomic"
)

// What was applied and is not flushed lies in Pebble's memtables, which have no
// filters: looking for a new stream there costs more than in all the tables.
// recent is the filter they lack. A name that it does not hold has nothing
// unflushed, and is looked up in the tables alone, by iterators that the next
// Apply does not outdate.
//
// It has two parts: names applied since the last flush began, and those of the
// flush before, which is forgotten when the next flush begins. By then it is
// done, and readers of tables begun earlier are outdated. So a reader must ask
// the filter first, and take an iterator then.
type recent struct {
	parts atomic.Pointer[[2]*nameFilter]
}

func newRecent() *recent {
	r := new(recent)
	r.parts.Store(&[2]*nameFilter{new(nameFilter), new(nameFilter)})
	return r
}

// A fingerprint stands for a key's first byte and the name behind it.
type fingerprint uint64

var seed = maphash.MakeSeed()

func fingerprintOf(kind byte, name string) fingerprint {
	return fingerprint(maphash.String(seed, name)) ^ fingerprint(kind)*0x9e3779b97f4a7c15
}

// add must come before what it announces can be read.
func (r *recent) add(fs []fingerprint) {
	now := r.parts.Load()[0]
	for _, f := range fs {
		now.add(f)
	}
}

func (r *recent) mayHold(f fingerprint) bool {
	parts := r.parts.Load()
	return parts[0].mayHold(f) || parts[1].mayHold(f)
}

// turn is told that a flush begins. If the last is done, what that flushed is
// forgotten.
func (r *recent) turn(done bool) {
	parts := *r.parts.Load()
	if !done {
		parts[0] = parts[0].with(parts[1])
	}
	r.parts.Store(&[2]*nameFilter{new(nameFilter), parts[0]})
}

// A nameFilter is a Bloom filter that is read while it is written. A flush has some
// 300,000 names at most, of which it takes one in 500 for one that it holds.
type nameFilter [filterWords]atomic.Uint64

const (
	filterWords  = 1 << 16
	filterProbes = 4
)

func (b *nameFilter) add(f fingerprint) {
	for range filterProbes {
		b[f>>6%filterWords].Or(1 << (f & 63))
		f = f>>16 | f<<48
	}
}

func (b *nameFilter) mayHold(f fingerprint) bool {
	for range filterProbes {
		if b[f>>6%filterWords].Load()&(1<<(f&63)) == 0 {
			return false
		}
		f = f>>16 | f<<48
	}
	return true
}

// with returns a filter of the names of both.
func (b *nameFilter) with(other *nameFilter) *nameFilter {
	both := new(nameFilter)
	for i := range both {
		both[i].Store(b[i].Load() | other[i].Load())
	}
	return both
}
