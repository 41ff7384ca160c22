package index

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// A reader is a Pebble iterator with the buffers that reading blocks takes. It
// belongs to one cursor or lookup at a time.
type reader struct {
	it      *pebble.Iterator
	as      uint64 // the generation of the index that it sees, at least
	key     []byte
	entries []entry
}

// readers lends out readers. Making an iterator costs as much as a lookup, so
// idle ones are kept until there is something new that they do not see; an
// iterator also keeps what it sees from being freed.
//
// Every use of an iterator is between enter and leave, which is how closing the
// index waits for no cursor: it waits for the uses under way, and closes the
// iterators of those that lend them.
type readers struct {
	x          *Index
	generation atomic.Uint64 // counts changes that readers see

	gate   sync.RWMutex
	closed bool

	mu   sync.Mutex
	lent map[*reader]struct{}
	idle []*reader
}

const maxIdle = 16

func newReaders(x *Index) *readers { return &readers{x: x, lent: make(map[*reader]struct{})} }

// enter begins a use of the database that must end before it is closed.
func (rs *readers) enter() error {
	rs.gate.RLock()
	if rs.closed {
		rs.gate.RUnlock()
		return errClosed
	}
	return nil
}

func (rs *readers) leave() { rs.gate.RUnlock() }

// lend returns a reader that sees all that was applied. It is called between
// enter and leave.
func (rs *readers) lend() (*reader, error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	as := rs.generation.Load()
	var r *reader
	if n := len(rs.idle); n > 0 {
		r, rs.idle = rs.idle[n-1], rs.idle[:n-1]
	} else {
		r = new(reader)
	}
	if r.it != nil && r.as != as {
		_ = r.it.Close() // its errors were those of reads that are over
		r.it = nil
	}
	if r.it == nil {
		it, err := rs.x.db.NewIter(&pebble.IterOptions{UseL6Filters: true})
		if err != nil {
			return nil, rs.x.report(err)
		}
		r.it, r.as = it, as
	}
	rs.lent[r] = struct{}{}
	return r, nil
}

// giveBack takes a reader back. It is called between enter and leave.
func (rs *readers) giveBack(r *reader) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	delete(rs.lent, r)
	if r.it.Error() != nil || r.as != rs.generation.Load() {
		_ = r.it.Close() // its error was reported by the read that met it
		r.it = nil
	}
	switch {
	case len(rs.idle) < maxIdle:
		rs.idle = append(rs.idle, r)
	case r.it != nil:
		_ = r.it.Close()
	}
}

// outdate is told that there is something new to see.
func (rs *readers) outdate() { rs.generation.Add(1) }

// dropIdle closes idle iterators that do not see everything.
func (rs *readers) dropIdle() {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for _, r := range rs.idle {
		if r.it != nil && r.as != rs.generation.Load() {
			_ = r.it.Close()
			r.it = nil
		}
	}
}

// close waits for uses under way to end and closes every iterator.
func (rs *readers) close() (err error) {
	rs.gate.Lock()
	defer rs.gate.Unlock()
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.closed = true
	for r := range rs.lent {
		_ = r.it.Close()
	}
	for _, r := range rs.idle {
		if r.it != nil {
			err = errors.Join(err, r.it.Close())
		}
	}
	rs.lent, rs.idle = nil, nil
	return err
}
