package disk

import (
	"context"

	"github.com/cairndb/cairn"
)

// explain turns a refusal into an answer. By now everything that it is based on
// is durable. Either the request turns out to have been stored before, or the
// error says what stands in the way.
func (s *Store) explain(r *request) error {
	if err := s.indexer.processed.wait(context.WithoutCancel(r.ctx), r.sequenced); err != nil {
		return err
	}
	stored, err := s.storedBefore(r)
	if err != nil || stored {
		return err
	}
	if r.deleted != nil {
		return r.deleted
	}
	var conflicts []*cairn.ConflictError
	for _, v := range r.verdicts {
		c, err := s.conflict(r, v)
		if err != nil {
			return err
		}
		conflicts = append(conflicts, c)
	}
	conflicts[0].Others = conflicts[1:]
	return conflicts[0]
}

// storedBefore answers a request of which every write with events was stored
// before.
func (s *Store) storedBefore(r *request) (bool, error) {
	left, ahead := 0, make([]cairn.Revision, len(r.writes))
	before := map[string]cairn.Revision{}
	for i := range r.writes {
		w := &r.writes[i]
		ahead[i] = before[w.Stream]
		before[w.Stream] += cairn.Revision(len(w.Events))
		if len(w.Events) > 0 {
			left++
		}
	}
	if left == 0 {
		return false, nil
	}
	revisions := make([]cairn.Revision, len(r.writes))
	position := cairn.Position(0)
	for i := range r.verdicts {
		v := &r.verdicts[i]
		if v.write < 0 || len(r.writes[v.write].Events) == 0 {
			continue
		}
		if !v.recalled {
			if err := s.compare(r, v, ahead[v.write]); err != nil || !v.recalled {
				return false, err
			}
		}
		revisions[v.write], position = v.revision, max(position, v.position)
		left--
	}
	if left > 0 {
		return false, nil
	}
	return true, s.answer(r, revisions, position)
}

func (s *Store) answer(r *request, revisions []cairn.Revision, position cairn.Position) error {
	for i := range r.writes {
		if len(r.writes[i].Events) > 0 {
			continue
		}
		info, err := s.StreamInfo(context.WithoutCancel(r.ctx), r.writes[i].Stream)
		if err != nil {
			return err
		}
		revisions[i] = info.Last
	}
	r.revisions, r.position, r.duplicate = revisions, position, true
	return nil
}

// compare sets recalled if the write's events stand, in order, behind the
// revision that was expected and what the batch writes to the stream before.
func (s *Store) compare(r *request, v *verdict, ahead cairn.Revision) error {
	w := &r.writes[v.write]
	n := cairn.Revision(len(w.Events))
	if !v.comparable || n == 0 || v.expected < cairn.NoStream || v.expected > v.actual-n-ahead {
		return nil
	}
	from, f := v.expected+1+ahead, fetcher{store: s}
	for i, to := 0, from+n; i < len(w.Events); from = v.revision + 1 {
		found, _, err := s.places(w.Stream, from, to, r.sequenced, false, fetchBatch)
		if err != nil || len(found) == 0 {
			return err
		}
		events, err := f.fetch(found)
		if err != nil {
			return err
		}
		for _, e := range events {
			if e.ID != w.Events[i].ID {
				return nil
			}
			v.position, v.revision = e.Position, e.Revision
			i++
		}
	}
	v.recalled = true
	return nil
}

// conflict gathers the facts of a verdict.
func (s *Store) conflict(r *request, v verdict) (*cairn.ConflictError, error) {
	if v.write < 0 && r.conds[v.condition].Query != nil {
		return s.queryConflict(r, &r.conds[v.condition])
	}
	c := &cairn.ConflictError{Expected: v.expected, Actual: v.actual}
	if v.write >= 0 {
		c.Stream = r.writes[v.write].Stream
	} else {
		c.Stream = r.conds[v.condition].Stream
	}
	if v.expected < cairn.NoStream || v.expected >= v.actual {
		return c, nil
	}
	found, _, err := s.places(c.Stream, v.expected+1, v.actual+1, r.sequenced, false, cairn.MaxConflicts)
	for _, p := range found {
		c.Positions = append(c.Positions, p.Position)
	}
	return c, err
}

func (s *Store) queryConflict(r *request, cond *cairn.Condition) (*cairn.ConflictError, error) {
	c := &cairn.ConflictError{Query: cond.Query, After: cond.After}
	all := cairn.AllOptions{After: cond.After, Before: r.sequenced + 1, Query: cond.Query, Limit: cairn.MaxConflicts}
	// The outcome is known: a caller who has gone away must not change it.
	for e, err := range s.ReadAll(context.WithoutCancel(r.ctx), all) {
		if err != nil {
			return nil, err
		}
		c.Positions, c.Events = append(c.Positions, e.Position), append(c.Events, e)
	}
	return c, nil
}
