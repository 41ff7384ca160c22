package storetest

import "github.com/cairndb/cairn"

// A verdict on a write: it may go on, unless one of these is set.
type verdict struct {
	deleted  *cairn.DeletedError
	conflict *cairn.ConflictError
	// stored is the position of the write's last event if all its events were
	// recognised as ones stored before.
	stored cairn.Position
}

// judge compares a write's expectation with where its stream stands. Earlier
// writes of the batch have ahead events for the same stream.
func (r *reference) judge(w *cairn.Write, ahead int) verdict {
	s := r.look(w.Stream)
	exists := !s.empty() || s.described
	switch {
	case s.tombstone != 0:
		return verdict{deleted: &cairn.DeletedError{Stream: w.Stream, Tombstone: true}}
	case s.softDeleted() && w.Expected == cairn.StreamExists:
		return verdict{deleted: &cairn.DeletedError{Stream: w.Stream}}
	case !exists && (w.Delete == cairn.SoftDelete || w.Expected == cairn.StreamExists):
		return r.refuse(w, &s)
	case w.Expected == cairn.Any || w.Expected == cairn.StreamExists:
		return r.recall(w, &s)
	case w.Expected == s.last() || w.Expected == cairn.NoStream && s.softDeleted():
		return verdict{}
	case s.softDeleted():
		return r.refuse(w, &s)
	}
	return r.retry(w, &s, ahead)
}

func (r *reference) refuse(w *cairn.Write, s *standing) verdict {
	return verdict{conflict: r.conflict(w.Stream, w.Expected, s.last())}
}

// recall recognises events by their IDs alone.
func (r *reference) recall(w *cairn.Write, s *standing) (v verdict) {
	for i, e := range w.Events {
		p, ok := r.known[identity{w.Stream, e.ID}]
		if !ok && i == 0 {
			return verdict{}
		}
		if !ok {
			return r.refuse(w, s)
		}
		v.stored = p
	}
	return v
}

// retry recognises events that stand behind the expected revision.
func (r *reference) retry(w *cairn.Write, s *standing, ahead int) (v verdict) {
	if w.Expected > s.last() || len(w.Events) == 0 {
		return r.refuse(w, s)
	}
	there := s.events[w.Expected+1:]
	if len(there) < ahead+len(w.Events) {
		return r.refuse(w, s)
	}
	for i, e := range w.Events {
		v.stored = there[ahead+i]
		if r.at(v.stored).ID != e.ID {
			return r.refuse(w, s)
		}
	}
	return v
}

// conflict reports that a stream does not stand where it was expected, with
// the events behind the expected revision.
func (r *reference) conflict(stream string, expected, actual cairn.Revision) *cairn.ConflictError {
	c := &cairn.ConflictError{Stream: stream, Expected: expected, Actual: actual}
	events := r.streams[stream]
	if expected >= cairn.NoStream && expected < cairn.Revision(len(events)) {
		c.Positions = append(c.Positions, events[expected+1:]...)
		c.Positions = c.Positions[:min(len(c.Positions), cairn.MaxConflicts)]
	}
	return c
}
