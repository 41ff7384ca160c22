package group

import (
	"github.com/cairndb/cairn"
)

const (
	// idleStep is how far a partition in which nothing happens may lie behind
	// before that is written down.
	idleStep = 10_000
	// notesAtOnce and writesAtOnce bound what one commit holds.
	notesAtOnce  = 1000
	writesAtOnce = 256
)

// A send is one partition's commit.
type send struct {
	p       *partition
	items   []*item
	state   progress
	dirty   int
	batch   cairn.Batch
	release bool
}

func (s *send) id() cairn.ID { return s.batch.Writes[0].Events[0].ID }

// effects are the items with writes of the handler's.
func (s *send) effects() (all []*item) {
	for _, it := range s.items {
		if it.batch != nil {
			all = append(all, it)
		}
	}
	return all
}

// collect gathers what there is to commit, a batch for each partition.
func (m *machine) collect(g names, due bool) (all []*send, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if due = due || m.dirty >= m.o.CheckpointAfter; due {
		m.dirty = 0
	}
	for _, p := range m.partitions {
		if !p.loaded {
			continue
		}
		if s := p.pack(due); s != nil {
			if err := s.build(g); err != nil {
				return nil, err
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// pack decides what of a partition to commit now, if anything.
func (p *partition) pack(due bool) *send {
	s := &send{p: p, dirty: p.dirty, release: p.releasing && p.drained()}
	s.items = p.choose()
	if len(s.items) == 0 && !s.release && !(due && (p.dirty > 0 || p.read >= p.at.Position+idleStep)) {
		return nil
	}
	for _, it := range s.items {
		if it.held != nil {
			it.held.sent = true
		}
	}
	s.state = p.state()
	return s
}

// choose takes out of the outbox what can be committed at once. Parked events
// come first: what is parked behind an event must be known before it is
// resolved, or its key would flow again too early.
func (p *partition) choose() (items []*item) {
	var rest []*item
	for _, it := range p.outbox {
		if it.kind == typeParked && len(items) < notesAtOnce {
			items = append(items, it)
		} else {
			rest = append(rest, it)
		}
	}
	fit := fitting{alone: p.alone, full: len(items) == notesAtOnce, streams: map[string]bool{}}
	p.outbox, p.alone = nil, false
	for _, it := range rest {
		if it.kind != typeParked && fit.admit(it) {
			items = append(items, it)
		} else {
			p.outbox = append(p.outbox, it)
			p.alone = p.alone || fit.alone
		}
	}
	return items
}

// A fitting decides which outcomes may share a commit. Expectations are about
// the streams as they stood before a batch, so two handlers that write to the
// same stream must not share one: neither would see the other.
type fitting struct {
	alone, full bool
	notes, size int
	streams     map[string]bool
}

func (f *fitting) admit(it *item) bool {
	if f.full {
		return false
	}
	if it.batch == nil {
		f.notes++
		f.full = f.notes == notesAtOnce
		return true
	}
	for _, w := range it.batch.Writes {
		if f.streams[w.Stream] {
			return false
		}
	}
	size := bytesOf(it.batch)
	strict := f.alone || len(it.batch.Conditions) > 0
	if len(f.streams) > 0 && (strict || len(f.streams) >= writesAtOnce || f.size+size > 1<<20) {
		return false
	}
	for _, w := range it.batch.Writes {
		f.streams[w.Stream] = true
	}
	f.size += size
	f.full = strict
	return true
}

func bytesOf(b *cairn.Batch) (n int) {
	for _, w := range b.Writes {
		for _, e := range w.Events {
			n += len(e.Data) + len(e.Metadata)
		}
	}
	return n
}

// build makes the batch: the progress, what was noted, what the handlers wrote.
// The first of them is what fences: it expects the revision of the owner's last
// own event.
func (s *send) build(g names) error {
	kind, tags := typeProgress, []string(nil)
	if s.release {
		kind, tags, s.state.Owner = typeReleased, []string{g.tag()}, ""
	}
	e, err := s.state.event(kind, tags...)
	if err != nil {
		return err
	}
	s.batch.Writes = []cairn.Write{{Stream: g.progress(s.p.n), Expected: s.p.at.revision, Events: []cairn.Event{e}}}
	notes, err := s.notes()
	if err != nil {
		return err
	}
	if len(notes) > 0 {
		s.batch.Writes = append(s.batch.Writes, cairn.Write{Stream: g.parked(s.p.n), Expected: s.p.ledger.revision, Events: notes})
	}
	for _, it := range s.effects() {
		s.batch.Writes = append(s.batch.Writes, it.batch.Writes...)
		s.batch.Conditions = append(s.batch.Conditions, it.batch.Conditions...)
	}
	return nil
}

func (s *send) notes() (all []cairn.Event, err error) {
	for _, it := range s.items {
		if it.kind == "" {
			continue
		}
		e, err := it.note.event(it.kind)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}
