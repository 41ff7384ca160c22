package timer

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// surveyed is how many timers are looked at to find out something about a category,
// and ahead how many minutes.
const (
	surveyed = 2_000
	ahead    = 7 * 24 * 60
)

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
// time, if that is not zero, up to so many. It looks at 2,000 timers and a week at most, however many there are, and may
// therefore find none and say where to go on. A timer that was set for a time at
// which the runners had been already is found if it is among the 2,000 that were set
// last.
func Next(ctx context.Context, store Store, c Category, after Mark, before time.Time, limit int) (a Agenda, err error) {
	s := source{store, c}
	if err := c.validate(); err != nil {
		return a, err
	}
	p, err := s.resume(ctx)
	if err != nil {
		return a, err
	}
	end := int64(never)
	if !before.IsZero() {
		end = before.UnixNano()
	}
	found, until, err := s.survey(ctx, p, after.mark(), end, &a)
	if err != nil {
		return a, err
	}
	for i := range found {
		t, ok, err := s.timer(ctx, found[i])
		if err != nil {
			return a, err
		}
		if ok && len(a.Timers) == limit {
			return a, nil
		}
		if ok {
			a.Timers, a.Next = append(a.Timers, t), markOf(&found[i])
		}
	}
	a.Next = Mark{}
	if until < min(end, latest.UnixNano()) {
		a.Next = Mark{Due: time.Unix(0, until-1).UTC(), At: math.MaxInt64}
	}
	return a, nil
}

// survey finds what may be due after a mark and before a time, which is end or comes
// before it, by when it is due.
func (s source) survey(ctx context.Context, p progress, after mark, end int64, a *Agenda) (found []entry, until int64, err error) {
	keep := func(e entry) bool {
		return e.due < end && after.before(e.mark()) && (e.position > p.Position || e.due >= p.due())
	}
	set := cairn.AllOptions{Query: s.set(), Backward: true, Limit: surveyed}
	looked := 0
	found, err = gather(nil, s.entries(ctx, set), func(e entry) bool { looked++; return keep(e) })
	if err != nil || looked < surveyed {
		slices.SortFunc(found, compare)
		return found, never, err
	}
	from, found, err := s.begin(ctx, p, after, found, keep)
	if err != nil {
		return nil, 0, err
	}
	minutes, until, err := s.horizon(ctx, from, end)
	if err == nil {
		found, err = s.between(ctx, found, minutes, keep, a)
	}
	found = slices.DeleteFunc(found, func(e entry) bool { return e.due >= until })
	slices.SortFunc(found, compare)
	return slices.CompactFunc(found, func(a, b entry) bool { return a.position == b.position }), until, err
}

// begin is where to look from: where the runners are, or, if nobody has ever run,
// the earliest of those that were set first.
func (s source) begin(ctx context.Context, p progress, after mark, found []entry, keep func(entry) bool) (int64, []entry, error) {
	from := p.due()
	if p.Position == 0 {
		var err error
		found, err = gather(found, s.entries(ctx, cairn.AllOptions{Query: s.set(), Limit: surveyed}), keep)
		if err != nil {
			return 0, nil, err
		}
		if from = after.due; len(found) > 0 {
			from = slices.MinFunc(found, compare).due
		}
	}
	return max(from, after.due, earliest.UnixNano()), found, nil
}

// horizon is until when to look from a time: so many timers later, or so many
// minutes, or not before the end; and the minutes in which timers are due until then,
// because to ask for all of them at once costs more than to count each.
func (s source) horizon(ctx context.Context, from, end int64) (minutes []int64, until int64, err error) {
	info, err := s.store.Info(ctx)
	if err != nil {
		return nil, 0, err
	}
	first, n := floor(from, int64(time.Minute)), int64(0)
	m := first
	for last := min(m+ahead, floor(end, int64(time.Minute))+1); m < last; m++ {
		due, err := cairn.Count(ctx, s.store, cairn.ByTag(s.category.tag(m)), info.Head)
		if err != nil {
			return nil, 0, err
		}
		if n += due; n > surveyed && m > first {
			break
		}
		if due > 0 {
			minutes = append(minutes, m)
		}
	}
	return minutes, max(m, first+1) * int64(time.Minute), nil
}

// between adds what is due within some minutes.
func (s source) between(ctx context.Context, all []entry, minutes []int64, keep func(entry) bool, a *Agenda) (_ []entry, err error) {
	for some := range slices.Chunk(minutes, maxMinutes) {
		var q cairn.Query
		for _, m := range some {
			q = append(q, cairn.Filter{Tags: []string{s.category.tag(m)}})
		}
		looked := 0
		o := cairn.AllOptions{Query: q, Limit: 2 * surveyed}
		all, err = gather(all, s.entries(ctx, o), func(e entry) bool { looked++; return keep(e) })
		if a.Crowded = a.Crowded || looked == 2*surveyed; err != nil {
			return all, err
		}
	}
	return all, nil
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
