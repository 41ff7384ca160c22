package timer

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/cairndb/cairn"
)

// A source reads the timers of a category.
type source struct {
	store    Store
	category Category
}

// minutes yields the timers of the minutes from one time to before another that
// were set up to a position, some of them done already, in no useful order. There
// may be at most maxMinutes minutes, and one.
func (s source) minutes(ctx context.Context, from, to int64, upTo cairn.Position) iter.Seq2[entry, error] {
	var q cairn.Query
	for m := floor(from, int64(time.Minute)); m*int64(time.Minute) < to; m++ {
		q = append(q, cairn.Filter{Tags: []string{s.category.tag(m)}})
	}
	if q == nil || upTo == 0 {
		return func(func(entry, error) bool) {}
	}
	return s.entries(ctx, cairn.AllOptions{Query: q, Before: upTo + 1})
}

// set selects what sets a timer.
func (s source) set() cairn.Query {
	return cairn.Query{{Types: []string{TypeSet}, Categories: []string{s.category.name()}}}
}

// entries yields what a read of the log has to say of timers.
func (s source) entries(ctx context.Context, o cairn.AllOptions) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		for e, err := range s.store.ReadAll(ctx, o) {
			if err != nil {
				yield(entry{}, err)
				return
			}
			if key, ok := s.category.key(e.Stream); ok && e.Type == TypeSet && !yield(s.entry(key, &e), nil) {
				return
			}
		}
	}
}

// entry is a timer as it was set. One that cannot be read is due at once, so that
// somebody is told.
func (s source) entry(key string, e *cairn.Recorded) entry {
	at := entry{due: unreadable, position: e.Position, revision: e.Revision, key: strings.Clone(key)}
	if due, err := dueOf(s.category, e); err == nil {
		at.due = due.UnixNano()
	}
	return at
}
