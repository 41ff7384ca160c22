package timer

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// A Timer describes one that is set.
type Timer struct {
	Key   string
	Due   time.Time
	Fire  Fire
	Set   time.Time      // when it was set, by the clock of the store
	At    cairn.Position // of the event that set it
	Error string         // why it could not fire: see [Failed]; empty if it may yet

	// Revision is where the timer's stream stands. Who expects it of a write that
	// cancels the timer or sets it anew does that to this timer only.
	Revision cairn.Revision
}

// A failure is the data of a timer.failed.
type failure struct {
	Error string `json:"error"`
}

// Pending yields the timers of a category that are set and have not fired, by when
// they are due, those of them that are due before a time.
//
// It costs as much as there are timers due between now and then, done ones
// included. The zero time means no bound, and then it costs as much as timers were
// ever set. In between, it holds some 60 bytes and the key of each in memory.
func Pending(ctx context.Context, store Store, c Category, before time.Time) iter.Seq2[Timer, error] {
	return func(yield func(Timer, error) bool) {
		s := source{store, c}
		all, err := s.pending(ctx, before)
		if err != nil {
			yield(Timer{}, err)
			return
		}
		for _, e := range all {
			t, ok, err := s.timer(ctx, e)
			if (ok || err != nil) && !yield(t, err) || err != nil {
				return
			}
		}
	}
}

// pending finds what may be pending: what was set since the runners' last progress,
// and what is due since.
func (s source) pending(ctx context.Context, before time.Time) (all []entry, err error) {
	if err := s.category.validate(); err != nil {
		return nil, err
	}
	p, err := s.resume(ctx)
	if err != nil {
		return nil, err
	}
	o, end := cairn.AllOptions{Query: s.set(), After: p.Position}, int64(never)
	if before.IsZero() {
		o.After = 0
	} else {
		end = before.UnixNano()
	}
	keep := func(e entry) bool { return e.due < end && (e.position > p.Position || e.due >= p.due()) }
	if all, err = gather(nil, s.entries(ctx, o), keep); err == nil && !before.IsZero() {
		all, err = s.behind(ctx, all, p, end, keep)
	}
	slices.SortFunc(all, compare)
	return all, err
}

// behind adds what was set up to the last progress.
func (s source) behind(ctx context.Context, all []entry, p progress, end int64, keep func(entry) bool) (_ []entry, err error) {
	if p.Position == 0 {
		return all, nil
	}
	for from := p.due(); from < end && err == nil; {
		to := min(end, (floor(from, int64(time.Minute))+maxMinutes)*int64(time.Minute))
		all, err = gather(all, s.minutes(ctx, from, to, p.Position), func(e entry) bool { return keep(e) && e.due >= from && e.due < to })
		from = to
	}
	return all, err
}

func gather(all []entry, from iter.Seq2[entry, error], keep func(entry) bool) ([]entry, error) {
	for e, err := range from {
		if err != nil {
			return nil, err
		}
		if keep(e) {
			all = append(all, e)
		}
	}
	return all, nil
}

// timer reads a timer, and reports whether it is still set.
func (s source) timer(ctx context.Context, at entry) (t Timer, ok bool, err error) {
	events, err := cairn.Collect(s.store.ReadStream(ctx, s.category.stream(at.key), cairn.ReadOptions{From: at.revision, Limit: 2}))
	switch {
	case errors.Is(err, cairn.ErrStreamDeleted):
		return t, false, nil
	case err != nil:
		return t, false, err
	case len(events) != 1 || events[0].Revision != at.revision || events[0].Type != TypeSet:
		return t, false, nil
	}
	return s.describe(at.key, &events[0]), true, nil
}

// describe says what an event has set. What cannot be read is said in its Error.
func (s source) describe(key string, e *cairn.Recorded) Timer {
	set, err := decodeSet(s.category, e)
	t := Timer{Key: key, Due: set.Due, Fire: set.Fire, Set: e.Time, At: e.Position, Revision: e.Revision}
	if err != nil {
		t.Error = text(err)
	}
	return t
}

// Failed yields the timers of a category that were due and could not fire, because
// the store refused the event, in the order in which they failed. To set one anew, or
// to cancel it, is what can be done about it. It costs as much as ever failed.
func Failed(ctx context.Context, store Store, c Category) iter.Seq2[Timer, error] {
	return func(yield func(Timer, error) bool) {
		s := source{store, c}
		q := cairn.Query{{Types: []string{TypeFailed}, Categories: []string{c.name()}}}
		for e, err := range store.ReadAll(ctx, cairn.AllOptions{Query: q}) {
			if err != nil {
				yield(Timer{}, err)
				return
			}
			t, ok, err := s.failed(ctx, &e)
			if (ok || err != nil) && !yield(t, err) || err != nil {
				return
			}
		}
	}
}

// failed describes a timer that failed, unless something has come of it since.
func (s source) failed(ctx context.Context, e *cairn.Recorded) (t Timer, ok bool, err error) {
	key, ok := s.category.key(e.Stream)
	events, err := cairn.Collect(s.store.ReadStream(ctx, e.Stream, cairn.ReadOptions{From: max(e.Revision-1, 0), Limit: 3}))
	switch {
	case errors.Is(err, cairn.ErrStreamDeleted):
		return t, false, nil
	case err != nil:
		return t, false, err
	case !ok || len(events) != 2 || events[1].Revision != e.Revision:
		return t, false, nil
	}
	t = s.describe(key, &events[0])
	t.Revision = e.Revision
	var f failure
	if json.Unmarshal(e.Data, &f) == nil && f.Error != "" {
		t.Error = f.Error
	}
	return t, true, nil
}
