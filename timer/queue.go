package timer

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// An entry is a timer in memory.
type entry struct {
	due      int64 // nanoseconds since 1970
	position cairn.Position
	revision cairn.Revision // at which it was set
	key      string
}

// A mark is a place in the order in which timers are due.
type mark struct {
	due      int64
	position cairn.Position
}

// never is behind every timer, and unreadable is when what cannot be read is due.
const (
	never      = math.MaxInt64
	unreadable = math.MinInt64
)

func (e *entry) mark() mark { return mark{e.due, e.position} }

func compare(a, b entry) int {
	return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(a.position, b.position))
}

func (m mark) before(o mark) bool {
	return m.due < o.due || m.due == o.due && m.position < o.position
}

func first(a, b mark) mark {
	if b.before(a) {
		return b
	}
	return a
}

// A queue holds the timers that are due next. Of all that were set up to the
// position reached and are not done, those before solid are in it; of those set
// behind the position upTo of a load under way, also those between solid and edge.
// What is due at edge or later is not.
type queue struct {
	limit int
	wake  chan struct{} // for the firer: something may be due earlier; holds one
	room  chan struct{} // for the loader: there is room; holds one

	mu      sync.Mutex
	heap    heap
	solid   mark
	edge    mark
	reached cairn.Position
}

func newQueue(limit int, p progress) *queue {
	at := mark{due: p.due()}
	return &queue{limit: limit, wake: make(chan struct{}, 1), room: make(chan struct{}, 1), solid: at, edge: at, reached: p.Position}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// add takes a timer from the follower.
func (q *queue) add(e entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reached = max(q.reached, e.position)
	if !e.mark().before(q.edge) {
		return
	}
	q.heap.push(e)
	if len(q.heap) > q.limit {
		q.cut(q.limit / 2)
	}
	poke(q.wake)
}

// reach notes that everything up to a position was added.
func (q *queue) reach(p cairn.Position) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.reached = max(q.reached, p)
}

// cut lets go of all but the first n timers, to be loaded again.
func (q *queue) cut(n int) {
	slices.SortFunc(q.heap, compare)
	q.edge = first(q.edge, q.heap[n].mark())
	q.solid = first(q.solid, q.edge)
	clear(q.heap[n:])
	q.heap = q.heap[:n]
}

// ready takes out what is due by now, at most n timers; if there are none it says
// for how long there will be none.
func (q *queue) ready(now int64, n int) (due []entry, wait time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.heap) > 0 && len(due) < n && q.heap[0].due <= now && q.heap[0].mark().before(q.solid) {
		due = append(due, q.heap.pop())
	}
	if len(due) > 0 && len(q.heap) <= q.limit/2 {
		poke(q.room)
	}
	if len(q.heap) == 0 || q.heap[0].due <= now {
		return due, glance
	}
	if wait = time.Duration(q.heap[0].due - now); wait < 0 || wait > glance {
		wait = glance
	}
	return due, wait
}

// done is a position and a time such that all timers set up to the one and due
// before the other are done, given that no timer is being fired.
func (q *queue) done(now int64) (cairn.Position, int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	due := min(q.solid.due, now)
	if len(q.heap) > 0 {
		due = min(due, q.heap[0].due)
	}
	return q.reached, due
}
