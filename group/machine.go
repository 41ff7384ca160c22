package group

import (
	"context"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// A machine holds the events that a member is to settle and says which of them
// may be handled now. It does no I/O.
//
// An event comes in by offer, becomes the head of its key's lane, is handed out
// by take and comes back by finish. What must be durable before the key may go
// on lies in its partition's outbox, from where the committer takes it.
type machine struct {
	o    Options
	wake chan struct{} // for the committer; holds one

	mu         sync.Mutex
	work       sync.Cond // a lane is ready, or the machine stops
	room       sync.Cond // the window has room, or the follower must look up
	partitions map[int]*partition
	lanes      map[string]*lane
	head, tail *lane // of those that are ready
	held       int   // unsettled events
	dirty      int   // settled since the last round of commits
	stopped    bool
	left       bool           // outcomes come too late
	full       bool           // the follower waits for the window
	offered    cairn.Position // how far the follower is
}

func newMachine(o Options) *machine {
	m := &machine{o: o, wake: make(chan struct{}, 1), partitions: map[int]*partition{}, lanes: map[string]*lane{}}
	m.work.L, m.room.L = &m.mu, &m.mu
	return m
}

// poke wakes the committer.
func (m *machine) poke() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// offer takes a copy of an event from the follower. It waits while the window is full,
// and reports false if the context has ended meanwhile.
func (m *machine) offer(ctx context.Context, n int, key string, e *cairn.Recorded) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.partitions[n]
	if p == nil || !p.active || p.releasing || e.Position <= p.read {
		return ctx.Err() == nil
	}
	p.read = e.Position
	m.offered = max(m.offered, e.Position)
	own := *e
	m.hold(p, key, &own)
	for m.held >= m.o.Window && ctx.Err() == nil {
		m.full = true
		m.room.Wait()
	}
	m.full = false
	return ctx.Err() == nil
}

// lookUp has whoever waits for the window look at its context.
func (m *machine) lookUp() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.room.Broadcast()
}

// reach notes that everything up to a position was offered.
func (m *machine) reach(pos cairn.Position) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.offered = max(m.offered, pos)
	for _, p := range m.partitions {
		if p.active && !p.releasing {
			p.read = max(p.read, pos)
		}
	}
}

// hold puts an event where it belongs.
func (m *machine) hold(p *partition, key string, e *cairn.Recorded) {
	h := &held{position: e.Position, event: e}
	p.queue = append(p.queue, h)
	p.unsettled++
	m.held++
	if p.shelved(key) {
		p.park(key, h, nil, 0)
		m.poke()
		return
	}
	m.enqueue(p, key, h)
}

func (m *machine) enqueue(p *partition, key string, h *held) {
	l := m.lanes[key]
	if l == nil {
		l = &lane{key: key, p: p}
		m.lanes[key] = l
	}
	if len(l.queue) >= m.o.PerKey {
		h.event = nil // read again when its turn comes
	}
	l.queue = append(l.queue, h)
	if l.state == idle {
		m.ready(l)
	}
}

// ready puts a lane behind those that wait for a worker.
func (m *machine) ready(l *lane) {
	l.state, l.next = ready, nil
	if m.tail == nil {
		m.head = l
	} else {
		m.tail.next = l
	}
	m.tail = l
	m.work.Signal()
}

// pop takes the first lane whose events may be handled.
func (m *machine) pop() *lane {
	for l := m.head; l != nil; l = m.head {
		if m.head = l.next; m.head == nil {
			m.tail = nil
		}
		if l.state == ready && !l.p.releasing {
			return l
		}
	}
	return nil
}

// settle notes that an event is done with.
func (m *machine) settle(p *partition, h *held) {
	h.settled, h.sent, h.event = true, false, nil
	p.unsettled--
	p.dirty++
	m.held--
	if m.held == m.o.Window-1 {
		m.room.Broadcast()
	}
	if m.dirty++; m.dirty == m.o.CheckpointAfter {
		m.poke()
	}
}

// advance lets a lane go on after its first event was settled.
func (m *machine) advance(l *lane) {
	l.attempt, l.lost = 0, 0
	if !l.replay {
		l.queue[0] = nil
		l.queue = l.queue[1:]
	}
	m.resume(l)
}

// resume lets a lane go on, or ends it.
func (m *machine) resume(l *lane) {
	switch s := l.p.ledger.shelves[l.key]; {
	case l.replay && s != nil && s.replaying, !l.replay && len(l.queue) > 0:
		m.ready(l)
	default:
		l.state = dead
		delete(m.lanes, l.key)
	}
}

// rest makes a lane wait before its next attempt.
func (m *machine) rest(l *lane, d time.Duration) {
	l.state = waiting
	l.stop = time.AfterFunc(d, func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		if l.state == waiting && !m.stopped {
			m.ready(l)
		}
	}).Stop
}

// forget lets go of a partition: what its lanes are at means nothing any more.
func (m *machine) forget(p *partition) {
	if m.partitions[p.n] != p {
		return
	}
	delete(m.partitions, p.n)
	m.held -= p.unsettled
	for key, l := range m.lanes {
		if l.p == p {
			m.kill(l)
			delete(m.lanes, key)
		}
	}
	m.room.Broadcast()
}

func (m *machine) kill(l *lane) {
	l.state = dead
	if l.stop != nil {
		l.stop()
	}
}

// stop ends handing out events.
func (m *machine) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopped = true
	for _, l := range m.lanes {
		if l.stop != nil {
			l.stop()
		}
	}
	m.work.Broadcast()
	m.room.Broadcast()
}
