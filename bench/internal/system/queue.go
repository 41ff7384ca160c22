package system

import (
	"runtime"
	"sync"
)

// A queue commits concurrent requests in groups, one group at a time: while one
// is being committed the next one collects. The first request of a group leads
// it, in its own goroutine, so that a single caller pays for no hand-over.
type queue[R any] struct {
	commit func(group []*R) error

	mu         sync.Mutex
	collecting *group[R]     // takes requests; nil if the next one opens a group
	before     chan struct{} // is closed when the group before has been committed
	alone      bool          // the group before had one request
}

type group[R any] struct {
	requests []*R
	done     chan struct{}
	err      error
}

func newQueue[R any](commit func([]*R) error) *queue[R] {
	before := make(chan struct{})
	close(before)
	return &queue[R]{commit: commit, before: before, alone: true}
}

// do returns when the request's group has been committed, with its error.
func (q *queue[R]) do(r *R) error {
	q.mu.Lock()
	g, leads := q.collecting, q.collecting == nil
	if leads {
		g = &group[R]{done: make(chan struct{})}
		q.collecting = g
	}
	g.requests = append(g.requests, r)
	before := q.before
	q.mu.Unlock()

	if !leads {
		<-g.done
		return g.err
	}
	<-before
	q.lead(g)
	return g.err
}

// yields is how often a leader lets others run before it closes its group.
// Without it the writers that have just been answered miss the group and fall
// into two halves that take turns.
const yields = 8

func (q *queue[R]) lead(g *group[R]) {
	for range q.patience() {
		runtime.Gosched()
	}
	q.mu.Lock()
	q.collecting, q.before, q.alone = nil, g.done, len(g.requests) == 1
	q.mu.Unlock()
	g.err = q.commit(g.requests)
	close(g.done)
}

func (q *queue[R]) patience() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.alone && len(q.collecting.requests) == 1 {
		return 0
	}
	return yields
}
