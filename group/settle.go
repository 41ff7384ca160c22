package group

import (
	"errors"
	"time"

	"github.com/cairndb/cairn"
)

// maxLost is how often in a row a handler's writes may conflict before that
// counts as a failed attempt.
const maxLost = 100

// stored takes note that a commit is durable.
func (m *machine) stored(s *send, at cairn.Revision) {
	m.mu.Lock()
	p := s.p
	if m.partitions[p.n] != p {
		m.mu.Unlock()
		return
	}
	p.at = standing{progress: s.state, revision: at, id: s.id()}
	p.dirty -= s.dirty
	noted := m.enter(p, s.items)
	hooks := m.complete(p, s.items)
	if noted {
		m.rearrange(p)
	}
	if s.release {
		m.forget(p)
	} else if len(p.outbox) > 0 || p.releasing {
		m.poke()
	}
	m.mu.Unlock()
	for _, tell := range hooks {
		tell()
	}
}

// enter enters notes that were stored into the ledger.
func (m *machine) enter(p *partition, items []*item) (noted bool) {
	for _, it := range items {
		if it.kind == "" {
			continue
		}
		p.ledger.fold(it.kind, &it.note)
		p.ledger.revision++
		noted = true
		if it.kind == typeParked {
			p.unpark(it)
		}
	}
	return noted
}

func (p *partition) unpark(it *item) {
	if p.parking[it.note.Key]--; p.parking[it.note.Key] <= 0 {
		delete(p.parking, it.note.Key)
	}
}

// complete settles what was committed and lets its lanes go on.
func (m *machine) complete(p *partition, items []*item) (hooks []func()) {
	for _, it := range items {
		if it.held != nil {
			m.settle(p, it.held)
			p.dirty-- // it is written down already
			m.dirty--
		}
		if it.lane != nil && it.lane.state == committing {
			m.advance(it.lane)
		}
		if tell := m.settledHook(it.event, it.attempt); tell != nil && it.kind != typeParked && it.kind != typeFailed {
			hooks = append(hooks, tell)
		}
	}
	return hooks
}

// refused takes note that nothing of a commit was stored. Without a cause the
// ledger is behind; otherwise it lies with what handlers wrote.
func (m *machine) refused(s *send, cause error) {
	if tell := m.takeBack(s, cause); tell != nil {
		tell()
	}
}

func (m *machine) takeBack(s *send, cause error) (tell func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := s.p
	for _, it := range s.items {
		if it.held != nil {
			it.held.sent = false
		}
	}
	effects := s.effects()
	if cause != nil && len(effects) == 1 {
		s.items = remove(s.items, effects[0])
		tell = m.blame(effects[0], cause)
	}
	p.outbox = append(s.items, p.outbox...)
	p.stale = p.stale || cause == nil
	p.alone = p.alone || len(effects) > 1
	m.poke()
	return tell
}

func remove(items []*item, it *item) (rest []*item) {
	for _, i := range items {
		if i != it {
			rest = append(rest, i)
		}
	}
	return rest
}

// blame has an event handled again whose handler's writes were refused: a
// conflict soon and with fresh state, anything else as a failure.
func (m *machine) blame(it *item, cause error) (tell func()) {
	l := it.lane
	if l.state != committing {
		return nil
	}
	if l.lost++; errors.Is(cause, cairn.ErrConflict) && l.lost%maxLost > 0 {
		m.rest(l, Jitter(time.Millisecond, 200*time.Millisecond)(l.lost))
		return nil
	}
	t := &task{lane: l, p: l.p, held: it.held, position: it.note.Position, event: it.event, attempt: it.attempt}
	return m.conclude(t, outcome{err: cause})
}

// stale lists the partitions whose ledgers are behind.
func (m *machine) stale() (all []*partition) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.partitions {
		if p.stale {
			p.stale = false
			all = append(all, p)
		}
	}
	return all
}

// empty lists the partitions with nothing parked and many notes.
func (m *machine) empty() (all []*partition) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.partitions {
		if len(p.ledger.shelves) == 0 && p.ledger.revision-p.ledger.cut >= truncateAfter {
			p.ledger.cut = p.ledger.revision
			all = append(all, p)
		}
	}
	return all
}

// catchUp takes notes that others have made.
func (m *machine) catchUp(p *partition, notes []cairn.Recorded) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := p.ledger.read(notes); err != nil {
		return err
	}
	m.rearrange(p)
	return nil
}

// rearrange brings lanes in line with the ledger: keys that flow again get what
// was about to be parked behind them, and keys to be replayed get a lane.
func (m *machine) rearrange(p *partition) {
	var rest []*item
	blamed := map[string]bool{}
	for _, it := range p.outbox {
		key := it.note.Key
		shelved := p.ledger.shelves[key] != nil || blamed[key]
		switch {
		case it.kind == typeParked && it.note.Error != "":
			blamed[key] = true
			rest = append(rest, it)
		case it.kind == typeParked && !shelved:
			p.unpark(it)
			m.enqueue(p, key, it.held)
		case it.lane != nil && it.lane.replay && !p.ledger.on(key, it.note.Position):
			m.resume(it.lane) // somebody has dropped it
		default:
			rest = append(rest, it)
		}
	}
	p.outbox = rest
	for key, s := range p.ledger.shelves {
		if s.replaying && m.lanes[key] == nil {
			l := &lane{key: key, p: p, replay: true}
			m.lanes[key] = l
			m.ready(l)
		}
	}
}
