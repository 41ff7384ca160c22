package group

import (
	"context"
	"errors"

	"github.com/cairndb/cairn"
)

// A task is an attempt at an event.
type task struct {
	lane     *lane
	p        *partition
	held     *held // nil for a replay
	position cairn.Position
	event    *cairn.Recorded // nil until it is read again
	edit     *edited
	attempt  int // counting from 1
	over     bool
}

// take waits for something to do. It returns nil when the machine has stopped.
func (m *machine) take() *task {
	m.mu.Lock()
	defer m.mu.Unlock()
	for !m.stopped {
		if l := m.pop(); l == nil {
			m.work.Wait()
		} else if t := m.begin(l); t != nil {
			return t
		}
	}
	return nil
}

// begin begins an attempt at the first event of a lane.
func (m *machine) begin(l *lane) *task {
	t := &task{lane: l, p: l.p, attempt: l.attempt + 1}
	if l.replay {
		s := l.p.ledger.shelves[l.key]
		if s == nil || !s.replaying {
			m.resume(l)
			return nil
		}
		t.position = s.entries[0]
		t.edit = s.edits[t.position]
	} else {
		t.held = l.queue[0]
		t.position, t.event = t.held.position, t.held.event
	}
	l.state = running
	l.p.running++
	return t
}

// An outcome is what came of an attempt.
type outcome struct {
	err       error
	batch     *cairn.Batch // what the handler wants written
	abandoned bool         // the attempt does not count: the member stops
	released  bool         // it does not count, and the event is given back
}

// finish takes the outcome of an attempt. It fails with [ErrLost] if the event
// is no longer the member's, or the attempt is over.
func (m *machine) finish(t *task, o outcome) error {
	m.mu.Lock()
	if t.over {
		m.mu.Unlock()
		return errTwice
	}
	t.over = true
	if m.left {
		m.mu.Unlock()
		return ErrLost
	}
	t.p.running--
	if t.lane.state != running || m.partitions[t.p.n] != t.p {
		m.mu.Unlock()
		return ErrLost
	}
	tell := m.conclude(t, o)
	if t.p.releasing {
		m.poke()
	}
	m.mu.Unlock()
	if tell != nil {
		tell()
	}
	return nil
}

// conclude moves an event on. It returns what to tell the observer.
func (m *machine) conclude(t *task, o outcome) func() {
	switch p, s := (*parked)(nil), (*skipped)(nil); {
	case o.abandoned:
		t.lane.state = idle
		return nil
	case o.released:
		m.ready(t.lane)
		return nil
	case errors.As(o.err, &s):
		return m.post(t, &item{kind: typeSkipped, note: note{Reason: s.reason}})
	case errors.As(o.err, &p):
		return m.setAside(t, p.error)
	case o.err != nil && t.attempt >= m.o.Attempts:
		return m.setAside(t, o.err)
	case o.err != nil:
		return m.again(t, o.err)
	case o.batch != nil || t.held == nil:
		return m.post(t, &item{batch: o.batch})
	}
	m.settle(t.p, t.held)
	m.advance(t.lane)
	return m.settledHook(t.event, t.attempt)
}

// post has an outcome committed; the lane waits for it.
func (m *machine) post(t *task, it *item) func() {
	it.held, it.lane, it.event, it.attempt = t.held, t.lane, t.event, t.attempt
	it.note.Key, it.note.Position = t.lane.key, t.position
	if t.held == nil {
		it.kind = typeResolved
		if !t.p.ledger.on(t.lane.key, t.position) { // somebody has dropped it meanwhile
			m.resume(t.lane)
			return nil
		}
	}
	t.lane.state = committing
	t.p.outbox = append(t.p.outbox, it)
	m.poke()
	return nil
}

// setAside parks an event and all that waits behind it.
func (m *machine) setAside(t *task, err error) func() {
	l := t.lane
	if t.held == nil {
		it := &item{}
		m.post(t, it)
		it.kind, it.note.Error, it.note.Attempts = typeFailed, text(err), t.attempt
	} else {
		t.p.park(l.key, t.held, errors.New(text(err)), t.attempt)
		for _, h := range l.queue[1:] {
			t.p.park(l.key, h, nil, 0)
		}
		m.kill(l)
		delete(m.lanes, l.key)
		m.poke()
	}
	if m.o.OnParked == nil {
		return nil
	}
	return func() { m.o.OnParked(t.event, t.attempt, err) }
}

// again lets a lane wait for its next attempt.
func (m *machine) again(t *task, err error) func() {
	after := m.o.Backoff(t.attempt)
	if d, ok := errors.AsType[*delayed](err); ok {
		after = d.after
	}
	t.lane.attempt++
	m.rest(t.lane, after)
	if m.o.OnRetry == nil {
		return nil
	}
	return func() { m.o.OnRetry(t.event, t.attempt, after, err) }
}

func (m *machine) settledHook(e *cairn.Recorded, attempt int) func() {
	if m.o.OnSettled == nil || e == nil {
		return nil
	}
	return func() { m.o.OnSettled(e, attempt) }
}

// text is what is kept of an error. It is never empty, which would mean
// that there was none.
func text(err error) string {
	s := err.Error()
	if s == "" {
		return "an error without a text"
	}
	return s[:min(len(s), 4096)]
}

// fetch reads the event of a task, if it is not in memory. An event that is no
// longer in the log leaves it nil.
func (t *task) fetch(ctx context.Context, store cairn.LogReader) error {
	if t.event == nil {
		for e, err := range store.ReadAll(ctx, cairn.AllOptions{After: t.position - 1, Before: t.position + 1}) {
			if err != nil {
				return err
			}
			t.event = &e
		}
	}
	if t.event != nil && t.edit != nil {
		t.edit.apply(t.event)
	}
	return nil
}
