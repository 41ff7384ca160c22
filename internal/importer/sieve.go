package importer

import "hash/maphash"

// A sieve says quickly that an event has not been met, which is what most
// lines of a first import turn out to be. When it says that one may have been
// met, the place where IDs are kept has to be asked. It is a Bloom filter whose
// bits for one event lie in one cache line; its size is fixed, so that it lets
// more through as more is put in: one in a thousand at 5 million events, one in
// ten at 20 million.
type sieve struct {
	seed  maphash.Seed
	lines [][8]uint64
}

const (
	sieveLines = 1 << 17 // 8 MiB
	sieveBits  = 5       // for one event
)

func newSieve() *sieve { return &sieve{maphash.MakeSeed(), make([][8]uint64, sieveLines)} }

func (s *sieve) add(who identity) {
	line, bits := s.place(who)
	for range sieveBits {
		line[bits>>6&7] |= 1 << (bits & 63)
		bits >>= 9
	}
}

// met reports whether the event may have been added.
func (s *sieve) met(who identity) bool {
	line, bits := s.place(who)
	for range sieveBits {
		if line[bits>>6&7]&(1<<(bits&63)) == 0 {
			return false
		}
		bits >>= 9
	}
	return true
}

// place uses 17 bits of the hash for the line and 45 for the bits in it.
func (s *sieve) place(who identity) (line *[8]uint64, bits uint64) {
	h := maphash.Comparable(s.seed, who)
	return &s.lines[h>>47], h
}
