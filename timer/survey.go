package timer

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// surveyed is how many timers are looked at to find out something about a category.
const surveyed = 2_000

// Stream is the stream of the timer of a key.
func (c Category) Stream(key string) string { return c.stream(key) }

// Categories lists, sorted, the categories that somebody has run, and those of the
// 2,000 timers of the store that were set last. It costs as much as there are.
func Categories(ctx context.Context, store Store) ([]Category, error) {
	var all []Category
	found := func(stream string) {
		c := Category(cairn.Category(stream))
		if c.validate() == nil && !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	last := cairn.AllOptions{Backward: true, Limit: surveyed, Query: cairn.ByType(TypeSet)}
	for e, err := range store.ReadAll(ctx, last) {
		if err != nil {
			return nil, err
		}
		found(e.Stream)
	}
	// The first progress of a category sets the metadata of its stream, which stays.
	described := cairn.Category(cairn.MetadataStream(Category("").progress()))
	run := cairn.AllOptions{Query: cairn.Query{{Types: []string{cairn.TypeMetadata}, Categories: []string{described}}}}
	for e, err := range store.ReadAll(ctx, run) {
		if err != nil {
			return nil, err
		}
		stream, _ := cairn.DescribedStream(e.Stream)
		found(stream[len(Category("").progress())-len(Category("").name()):])
	}
	slices.Sort(all)
	return all, nil
}

// A Standing says how far the runners of a category have come.
type Standing struct {
	Written time.Time // when they last wrote that down; zero if nobody has run it. They do every hour, and while they fire every second
	Done    time.Time // all that was set by then and due before this time is done
}

// StandingOf reads how far the runners of a category have come.
func StandingOf(ctx context.Context, store Store, c Category) (s Standing, err error) {
	of := source{store, c}
	if err := c.validate(); err != nil {
		return s, err
	}
	p, err := of.resume(ctx)
	if err != nil || p.Position == 0 && p.Due.IsZero() {
		return s, err
	}
	for e, err := range store.ReadStream(ctx, c.progress(), cairn.ReadOptions{Backward: true, Limit: 1}) {
		return Standing{Written: e.Time, Done: p.Due}, err
	}
	return s, nil
}

// A Mark is a place in the order in which timers are due. The zero Mark is before
// all of them, and timers that cannot be read come first, with the zero time.
type Mark struct {
	Due time.Time
	At  cairn.Position // of the event that set the timer
}

// Mark is the place of a timer.
func (t *Timer) Mark() Mark { return Mark{t.Due, t.At} }

func (m Mark) mark() mark {
	if m.Due.Before(earliest) || !m.Due.Before(latest) {
		return mark{due: unreadable, position: m.At}
	}
	return mark{due: m.Due.UnixNano(), position: m.At}
}

func markOf(e *entry) Mark {
	if e.due == unreadable {
		return Mark{At: e.position}
	}
	return Mark{time.Unix(0, e.due).UTC(), e.position}
}

// An Agenda is what of a category is due next.
type Agenda struct {
	Timers []Timer // that are set and have not fired, by when they are due

	// Next is where the agenda goes on; the zero Mark if this was all. Where more
	// than 2,000 timers were ever set nobody knows that without looking, a week at
	// a time, so there is always a Next then.
	Next Mark

	// Crowded says that more timers are due in one minute than were looked at, so
	// that some are missing here.
	Crowded bool
}

// Next finds the timers of a category that are due next, after a place and before a
// time, if that is not zero, up to so many. It looks no further than it must to find
// these, and at 2,000 timers and a week at most, however many there are, and may
// therefore find none and say where to go on. A timer that was set for a time at
// which the runners had been already is found if it is among the 2,000 that were set
// last.
func Next(ctx context.Context, store Store, c Category, after Mark, before time.Time, limit int) (a Agenda, err error) {
	s := source{store, c}
	if err := c.validate(); err != nil {
		return a, err
	}
	end := int64(never)
	if !before.IsZero() {
		end = before.UnixNano()
	}
	o, err := s.lookOut(ctx, after.mark(), end)
	if err != nil {
		return a, err
	}
	for {
		full, err := o.fill(ctx, &a, limit)
		if err != nil || full {
			return a, err
		}
		if o.next == o.last {
			break
		}
		if err := o.extend(ctx, int64(max(limit-len(a.Timers), 0)+1)); err != nil {
			return a, err
		}
		a.Crowded = o.crowded
	}
	a.Next = Mark{}
	if o.until < min(end, latest.UnixNano()) {
		a.Next = Mark{Due: time.Unix(0, o.until-1).UTC(), At: math.MaxInt64}
	}
	return a, nil
}

// LatelyFailed is [Failed], the last one first, of the last failures up to so many.
func LatelyFailed(ctx context.Context, store Store, c Category, limit int) (all []Timer, err error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	s := source{store, c}
	q := cairn.Query{{Types: []string{TypeFailed}, Categories: []string{c.name()}}}
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{Query: q, Backward: true, Limit: limit}) {
		if err != nil {
			return nil, err
		}
		t, ok, err := s.failed(ctx, &e)
		if err != nil {
			return nil, err
		}
		if ok {
			all = append(all, t)
		}
	}
	return all, nil
}

// Find describes the timer of a key, if it is set, or has failed to fire.
func Find(ctx context.Context, store Store, c Category, key string) (t Timer, ok bool, err error) {
	if err := errors.Join(c.validate(), validateKey(key)); err != nil {
		return t, false, err
	}
	s := source{store, c}
	last, err := cairn.Collect(store.ReadStream(ctx, c.stream(key), cairn.ReadOptions{Backward: true, Limit: 1}))
	switch {
	case errors.Is(err, cairn.ErrStreamDeleted) || err == nil && len(last) == 0:
		return t, false, nil
	case err != nil:
		return t, false, err
	case last[0].Type == TypeFailed:
		return s.failed(ctx, &last[0])
	case last[0].Type == TypeSet:
		return s.describe(key, &last[0]), true, nil
	}
	return t, false, nil
}
