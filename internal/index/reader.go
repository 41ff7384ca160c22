package index

import (
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
)

// A reader is a Pebble iterator with the buffers that reading blocks takes. It
// belongs to one cursor or lookup at a time.
type reader struct {
	it      *pebble.Iterator
	view    view
	as      uint64 // the generation of its view that it sees, at least
	key     []byte
	entries []entry
}

// A view is a part of the index that readers see.
type view int

const (
	all    view = iota // everything
	tables             // what is flushed
	views
)

// readers lends out readers. Making an iterator costs as much as a lookup, so
// idle ones are kept until there is something new that they do not see; an
// iterator also keeps what it sees from being freed.
//
// Every use of an iterator is between enter and leave, which is how closing the
// index waits for no cursor: it waits for the uses under way, and closes the
// iterators of those that lend them.
type readers struct {
	x           *Index
	generations [views]atomic.Uint64 // count changes that readers see

	gate   sync.RWMutex
	closed bool

	mu   sync.Mutex
	lent map[*reader]struct{}
	idle [views][]*reader
}

const maxIdle = 16 // of a view

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

// lendFor returns a reader that sees all that was applied under a key's first
// byte and a name. It is called between enter and leave.
func (rs *readers) lendFor(kind byte, name string) (*reader, error) {
	if rs.x.recent.mayHold(fingerprintOf(kind, name)) {
		return rs.lend(all)
	}
	return rs.lend(tables)
}

// lend returns a reader that sees all of a view. It is called between enter and
// leave.
func (rs *readers) lend(v view) (*reader, error) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	as := rs.generations[v].Load()
	var r *reader
	if n := len(rs.idle[v]); n > 0 {
		r, rs.idle[v] = rs.idle[v][n-1], rs.idle[v][:n-1]
	} else {
		r = &reader{view: v}
	}
	if r.as != as {
		r.drop()
	}
	if r.it == nil {
		it, err := rs.x.db.NewIter(&pebble.IterOptions{UseL6Filters: true, OnlyReadGuaranteedDurable: v == tables})
		if err != nil {
			return nil, rs.x.report(err)
		}
		r.it, r.as = it, as
	}
	rs.lent[r] = struct{}{}
	return r, nil
}

// drop closes the iterator. Its error was that of a read which is over, and was
// reported by that.
func (r *reader) drop() {
	if r.it != nil {
		_ = r.it.Close()
		r.it = nil
	}
}

// giveBack takes a reader back. It is called between enter and leave.
func (rs *readers) giveBack(r *reader) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	delete(rs.lent, r)
	full := len(rs.idle[r.view]) == maxIdle
	if full || r.it.Error() != nil || r.as != rs.generations[r.view].Load() {
		r.drop()
	}
	if !full {
		rs.idle[r.view] = append(rs.idle[r.view], r)
	}
}

// outdate is told that there is something new to see.
func (rs *readers) outdate(v view) { rs.generations[v].Add(1) }

// dropIdle closes idle iterators that do not see everything.
func (rs *readers) dropIdle() {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	for v, idle := range rs.idle {
		for _, r := range idle {
			if r.as != rs.generations[v].Load() {
				r.drop()
			}
		}
	}
}

// close waits for uses under way to end and closes every iterator.
func (rs *readers) close() {
	rs.gate.Lock()
	defer rs.gate.Unlock()
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.closed = true
	for r := range rs.lent {
		r.drop()
	}
	for v := range rs.idle {
		for _, r := range rs.idle[v] {
			r.drop()
		}
		rs.idle[v] = nil
	}
}
