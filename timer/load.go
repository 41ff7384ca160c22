package timer

import (
	"context"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// maxMinutes is how many minutes are read at once, and so what a runner that stood
// still looks at in one go.
const maxMinutes = 256

// A stretch is a part of time whose timers are to be loaded.
type stretch struct {
	from, to mark
	upTo     cairn.Position // what was set later comes through the follower
	room     int
}

// plan begins to load what is due next, up to a time and to the end of its minute,
// if there is room.
func (q *queue) plan(until int64) (s stretch, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.edge.due >= until || len(q.heap) > q.limit/2 {
		return s, false
	}
	last := min(floor(q.edge.due, int64(time.Minute))+maxMinutes-1, floor(until-1, int64(time.Minute)))
	s = stretch{from: q.edge, to: mark{due: (last + 1) * int64(time.Minute)}, upTo: q.reached, room: q.limit - len(q.heap)}
	q.edge = s.to
	return s, true
}

// loaded takes what was found; with a cut, not everything was: only what lies
// before it.
func (q *queue) loaded(found []entry, cut *mark) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if cut != nil && cut.before(q.edge) {
		q.edge = *cut
		q.heap = slices.DeleteFunc(q.heap, func(e entry) bool { return !e.mark().before(q.edge) })
		slices.SortFunc(q.heap, compare)
	}
	for _, e := range found {
		if e.mark().before(q.edge) {
			q.heap.push(e)
		}
	}
	q.solid = q.edge
	if len(q.heap) > q.limit {
		q.cut(q.limit / 2)
	}
	poke(q.wake)
}

// load takes timers into the queue as their time comes near, until ctx ends.
func (r *runner) load(ctx context.Context) error {
	for {
		now := r.o.Clock.Now()
		s, ok := r.queue.plan(now.Add(r.o.Horizon).UnixNano())
		if !ok {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-r.queue.room:
			case <-r.o.Clock.Until(now.Add(glance)):
			}
			continue
		}
		found, cut, err := r.find(ctx, s)
		if err != nil {
			return err
		}
		r.queue.loaded(found, cut)
	}
}

// find reads the timers of a stretch, the first ones if there are too many.
func (r *runner) find(ctx context.Context, s stretch) (found []entry, cut *mark, err error) {
	for e, err := range r.minutes(ctx, s.from.due, s.to.due, s.upTo) {
		if err != nil {
			return nil, nil, err
		}
		if m := e.mark(); m.before(s.from) || !m.before(s.to) || cut != nil && !m.before(*cut) {
			continue
		}
		if found = append(found, e); len(found) >= 2*s.room {
			found, cut = least(found, s.room)
		}
	}
	if len(found) > s.room {
		found, cut = least(found, s.room)
	}
	return found, cut, nil
}

// least keeps the first n timers, and returns where the rest begins.
func least(found []entry, n int) ([]entry, *mark) {
	slices.SortFunc(found, compare)
	cut := found[n].mark()
	clear(found[n:])
	return found[:n], &cut
}
