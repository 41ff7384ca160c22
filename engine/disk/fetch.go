package disk

import (
	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
	"github.com/cairndb/cairn/internal/index"
)

// An arena gives out small pieces of larger allocations. The larger ones grow
// with use, so that reading one event costs the memory of one. A piece is never
// given out twice.
type arena struct {
	free []byte
	size int // of the last allocation
}

const (
	firstArena = 1 << 10
	largeArena = 32 << 10
)

// copy makes a copy of b.
func (a *arena) copy(b []byte) []byte {
	if len(b) > len(a.free) {
		a.size = min(max(firstArena, 2*a.size), largeArena)
		a.free = make([]byte, max(len(b), a.size))
	}
	n := copy(a.free, b)
	c := a.free[:n:n]
	a.free = a.free[n:]
	return c
}

// A fetcher reads events one by one, each wherever it lies.
type fetcher struct {
	store  *Store
	arena  arena
	events []frame.Event
}

// rest lets go of what was read, before a long wait.
func (f *fetcher) rest() { f.arena, f.events = arena{}, nil }

// fetchBatch is how many events to fetch before any is handed on.
const fetchBatch = 32

// fetch reads the events at some places and checks their sums. With an error it
// returns the events before the one that it could not read. They are good until
// the next call; the bytes that they point to for ever.
func (f *fetcher) fetch(places []index.Place) ([]frame.Event, error) {
	s := f.store
	s.use.RLock()
	defer s.use.RUnlock()
	if s.shut {
		return nil, cairn.ErrClosed
	}
	if len(f.events) < len(places) {
		f.events = make([]frame.Event, len(places))
	}
	for i, p := range places {
		if err := f.event(p, &f.events[i]); err != nil {
			return f.events[:i], err
		}
	}
	return f.events[:len(places)], nil
}

// one reads the event at a place.
func (f *fetcher) one(p index.Place) (*frame.Event, error) {
	events, err := f.fetch([]index.Place{p})
	if err != nil {
		return nil, err
	}
	return &events[0], nil
}

func (f *fetcher) event(p index.Place, e *frame.Event) error {
	if c := f.store.tail.covering(p.Address); c != nil {
		b := c.buf[p.Address-c.at:]
		if n, ok := frame.Size(b); ok && n <= len(b) {
			b = b[:n]
		}
		_, err := frame.Trusted(f.arena.copy(b), p.Position, e)
		return err
	}
	b, err := f.store.log.Event(p.Address, &f.arena)
	if err != nil {
		return err
	}
	if _, err := frame.Decode(b, f.store.epoch, p.Position, e); err != nil {
		return f.store.corrupt(p.Address, p.Position, err.Error())
	}
	return nil
}
