package persistent

import (
	"container/list"
	"time"
)

// A message is an event that is not settled.
type message struct {
	Entry
	replayed bool // it was parked, and Place is where
	loaded   bool // the event is at hand; if not, all there is is its place
	held     int  // what it counts for in memory
	retries  int  // how often it was delivered in vain

	unsettled *list.Element // in the ledger of its source
	waiting   *list.Element // in one of the queues, unless it is with a consumer or being parked

	holder  *Consumer
	since   time.Time     // when it was assigned to the holder
	timeout *list.Element // in the order in which they time out
	given   bool          // the holder has taken it

	link, reason string // while it is being parked

	bucket int // that it is pinned by, and one; zero if that is not known
}

// hold puts the event into a message, and counts it.
func (s *Subscription) hold(m *message, e Entry) {
	e.own()
	m.Entry, m.loaded, m.held = e, true, e.size()
	s.held += m.held
}

// before reports whether a message is delivered before another of those that
// failed: in the order of their places, and what was parked after the others.
func (m *message) before(o *message) bool {
	if m.replayed != o.replayed {
		return o.replayed
	}
	return m.Place < o.Place
}

// unload forgets the event; it can be read again.
func (m *message) unload() {
	m.Entry = Entry{Place: m.Place}
	m.loaded, m.held = false, 0
}

// A ledger is what was read of a source and is not settled, in order.
type ledger struct{ list.List }

// add enters a message that comes behind all others.
func (l *ledger) add(m *message) { m.unsettled = l.PushBack(m) }

// remove strikes a message out.
func (l *ledger) remove(m *message) {
	l.Remove(m.unsettled)
	m.unsettled = nil
}

// lowest is the first place that is not settled, or p if that is none.
func (l *ledger) lowest(p Place) Place {
	if e := l.Front(); e != nil {
		return e.Value.(*message).Place
	}
	return p
}

// A queue is what waits for a consumer, in order.
type queue struct{ list.List }

func (q *queue) push(m *message) { m.waiting = q.PushBack(m) }

func (q *queue) remove(m *message) {
	q.Remove(m.waiting)
	m.waiting = nil
}

// merge enters messages, which are in order, where they belong.
func (q *queue) merge(all []*message) {
	at := q.Back()
	for i := len(all) - 1; i >= 0; i-- {
		m := all[i]
		for at != nil && m.before(at.Value.(*message)) {
			at = at.Prev()
		}
		if at == nil {
			m.waiting = q.PushFront(m)
		} else {
			m.waiting = q.InsertAfter(m, at)
		}
	}
}
