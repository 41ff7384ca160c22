package disk

import (
	"fmt"

	"github.com/cairndb/cairn"
)

// judge decides whether a request may be stored. It changes nothing but the
// request's outcome.
func (q *sequencer) judge(r *request) error {
	r.sequenced = q.next - 1
	if err := q.stand(r); err != nil {
		return err
	}
	written := 0
	for i := range r.writes {
		w := &r.writes[i]
		if len(w.Events) > 0 {
			written++
		}
		v, err := q.judgeWrite(r.at[i], w)
		if r.deleted == nil {
			r.deleted = err
		}
		if v != nil {
			v.write, v.condition = i, -1
			r.verdicts = append(r.verdicts, *v)
			if v.recalled {
				r.known++
			}
		}
	}
	if written > 0 && r.known == written && len(r.verdicts) == written {
		q.recallAll(r)
		return nil
	}
	if r.deleted != nil && len(r.verdicts) == 0 {
		return r.deleted
	}
	return q.judgeConditions(r)
}

// judgeWrite says what is wrong with where the stream stands; nil if nothing is.
// The error is that of a deleted stream.
func (q *sequencer) judgeWrite(s *standing, w *cairn.Write) (*verdict, error) {
	_, meta := addressed(w.Stream)
	last, soft := s.at(meta), !meta && s.record.softDeleted()
	if s.record.tombstoned {
		return nil, &cairn.DeletedError{Stream: w.Stream, Tombstone: true}
	}
	if soft && w.Expected == cairn.StreamExists {
		return nil, &cairn.DeletedError{Stream: w.Stream}
	}
	wrong := &verdict{expected: w.Expected, actual: last, comparable: !soft && w.Delete == cairn.Keep}
	if w.Delete == cairn.SoftDelete && !s.exists() {
		return wrong, nil // there is nothing to delete, whatever is expected
	}
	var ok bool
	switch w.Expected {
	case cairn.Any:
		ok = true
	case cairn.StreamExists:
		ok = last >= 0 || !meta && s.exists()
	case cairn.NoStream:
		ok = last < 0 || soft
	default:
		ok = w.Expected == last
	}
	if !ok {
		return wrong, nil
	}
	if w.Expected == cairn.Any || w.Expected == cairn.StreamExists {
		return q.recall(w, last), nil
	}
	return nil, nil
}

// recall looks for the events of an append without an exact expectation among
// those that were stored lately. It returns nil if they are new.
func (q *sequencer) recall(w *cairn.Write, last cairn.Revision) *verdict {
	for i := range w.Events {
		k, ok := q.ids.get(identity{w.Stream, w.Events[i].ID})
		switch {
		case !ok && i == 0:
			return nil
		case !ok:
			return &verdict{expected: w.Expected, actual: last}
		case i == len(w.Events)-1:
			return &verdict{expected: w.Expected, actual: last, recalled: true, revision: k.revision, position: k.position}
		}
	}
	return nil
}

// recallAll answers a request whose every event was stored before.
func (q *sequencer) recallAll(r *request) {
	r.duplicate = true
	for _, v := range r.verdicts {
		r.position = max(r.position, v.position)
	}
	revisions := r.answers()
	for i := range r.writes {
		_, meta := addressed(r.writes[i].Stream)
		revisions[i] = r.at[i].at(meta)
	}
	for _, v := range r.verdicts {
		revisions[v.write] = v.revision
	}
	r.verdicts = nil
}

// answers makes room for a revision for each write.
func (r *request) answers() []cairn.Revision {
	if len(r.writes) == 1 {
		r.revisions = r.answer[:]
	} else {
		r.revisions = make([]cairn.Revision, len(r.writes))
	}
	return r.revisions
}

func (q *sequencer) judgeConditions(r *request) error {
	for i := range r.conds {
		c := &r.conds[i]
		if c.After >= q.next {
			return &cairn.InvalidError{
				Field:   fmt.Sprintf("conditions[%d].after", i),
				Problem: fmt.Sprintf("position %d is beyond the head, %d", c.After, q.next-1),
			}
		}
		v, err := q.judgeCondition(c)
		if err != nil {
			return err
		}
		if v != nil {
			v.write, v.condition = -1, i
			r.verdicts = append(r.verdicts, *v)
		}
	}
	return nil
}

func (q *sequencer) judgeCondition(c *cairn.Condition) (*verdict, error) {
	if c.Query != nil {
		matched, err := q.matched(c.Query, c.After)
		if err != nil || !matched {
			return nil, err
		}
		return &verdict{}, nil
	}
	s, err := q.standing(c.Stream)
	if err != nil {
		return nil, err
	}
	_, meta := addressed(c.Stream)
	state, last := s.state(meta), s.at(meta)
	var ok bool
	switch c.Expected {
	case cairn.NoStream:
		ok = state != last || last == cairn.NoStream // deleted either way, or never there
	case cairn.StreamExists:
		ok = state >= 0 || state == cairn.NoStream && !meta && s.exists()
	case cairn.SoftDeleted, cairn.Tombstoned:
		ok = state == c.Expected
		if c.Expected == cairn.Tombstoned && state == cairn.SoftDeleted {
			state = last
		}
	default:
		ok = state != cairn.Tombstoned && c.Expected == last
		if state == cairn.SoftDeleted {
			state = last
		}
	}
	if ok {
		return nil, nil
	}
	return &verdict{expected: c.Expected, actual: state}, nil
}

// state is a stream's revision, or NoStream, SoftDeleted or Tombstoned.
func (s *standing) state(meta bool) cairn.Revision {
	switch {
	case s.record.tombstoned:
		return cairn.Tombstoned
	case !meta && s.record.softDeleted():
		return cairn.SoftDeleted
	}
	return s.at(meta)
}
