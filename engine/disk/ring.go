package disk

import (
	"slices"
	"sync"
)

// openSegmentsLimit is how many segments a log keeps open to read from, of
// 64 MiB most often: the process has other uses for descriptors and mappings,
// and a store of terabytes would take thousands.
const openSegmentsLimit = 256

// A ring holds the segments that are open. When they are more than the limit a
// hand goes round and closes the first that nobody has used since it last came
// past. Whoever uses a segment has it pinned, and the hand leaves those alone:
// there may be more than the limit for as long as that many are being read.
//
// The segment to append to is not in the ring, and stays open.
type ring struct {
	limit int

	mu   sync.Mutex
	open []*segment
	hand int
}

// add is told of a segment that was opened. It may close others.
func (r *ring) add(s *segment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = append(r.open, s)
	for looks := 2 * len(r.open); looks > 0 && len(r.open) > r.limit; looks-- {
		r.hand %= len(r.open)
		switch t := r.open[r.hand]; {
		case t == s, t.used.Swap(false), !t.tryClose():
			r.hand++
		default:
			r.open = slices.Delete(r.open, r.hand, r.hand+1)
		}
	}
}

// remove closes a segment, if it is open.
func (r *ring) remove(s *segment) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open = slices.DeleteFunc(r.open, func(t *segment) bool { return t == s })
	return s.close()
}

// pin keeps a segment open, opening it if need be, until unpin is called. Who
// has pinned a segment must not pin it again.
func (l *segments) pin(s *segment) error {
	for {
		s.mu.RLock()
		if s.file != nil {
			if !s.used.Load() {
				s.used.Store(true)
			}
			return nil
		}
		s.mu.RUnlock()
		if err := l.open(s); err != nil {
			return err
		}
	}
}

func (s *segment) unpin() { s.mu.RUnlock() }

// open opens a segment unless somebody else just has.
func (l *segments) open(s *segment) error {
	opened, err := s.open(l.fs, l.id)
	if opened {
		l.ring.add(s)
	}
	return err
}
