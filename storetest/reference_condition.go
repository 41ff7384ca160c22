package storetest

import (
	"fmt"

	"github.com/cairndb/cairn"
)

// check evaluates condition i.
func (r *reference) check(i int, c *cairn.Condition) (*cairn.ConflictError, error) {
	if c.Query == nil {
		return r.checkStream(c), nil
	}
	if c.After > r.head() {
		return nil, &cairn.InvalidError{
			Field:   fmt.Sprintf("conditions[%d].after", i),
			Problem: fmt.Sprintf("position %d is beyond the head %d", c.After, r.head()),
		}
	}
	return r.checkQuery(c), nil
}

func (r *reference) checkStream(c *cairn.Condition) *cairn.ConflictError {
	s := r.look(c.Stream)
	actual := s.last()
	holds := c.Expected == actual
	switch {
	case s.tombstone != 0:
		actual = cairn.Tombstoned
		holds = c.Expected == cairn.Tombstoned || c.Expected == cairn.NoStream
	case c.Expected == cairn.StreamExists && s.softDeleted():
		actual = cairn.SoftDeleted
	case c.Expected == cairn.StreamExists:
		holds = !s.empty() || s.described
	case s.softDeleted():
		holds = holds || c.Expected == cairn.SoftDeleted || c.Expected == cairn.NoStream
	}
	if holds {
		return nil
	}
	return r.conflict(c.Stream, c.Expected, actual)
}

func (r *reference) checkQuery(c *cairn.Condition) *cairn.ConflictError {
	found := &cairn.ConflictError{Query: c.Query, After: c.After}
	for i := range r.log[c.After:] {
		e := &r.log[int(c.After)+i]
		if c.Query.Match(e) && len(found.Positions) < cairn.MaxConflicts {
			found.Positions = append(found.Positions, e.Position)
			found.Events = append(found.Events, clone(*e))
		}
	}
	if len(found.Positions) == 0 {
		return nil
	}
	return found
}
