package disk

import (
	"context"
	"strings"
	"sync/atomic"

	"github.com/cairndb/cairn"
)

// A watcher waits for events that concern a follower. It is the follower's, who
// alone waits; the watchers of the store wake it.
type watcher struct {
	query    cairn.Query
	noSystem bool

	// first is the position of the first event that concerns it, of those told
	// since it last took notice; zero if there was none.
	first  atomic.Uint64
	awake  chan struct{} // has room for one
	closed atomic.Bool
	links  []link
}

func newWatcher(q cairn.Query, noSystem bool) *watcher {
	return &watcher{query: q, noSystem: noSystem, awake: make(chan struct{}, 1)}
}

// wants reports whether to wake it for an event. Who is awake already needs no
// second call.
func (w *watcher) wants(e *cairn.Recorded) bool {
	return w.first.Load() == 0 && w.query.Match(e) && !(w.noSystem && system(e))
}

// wake tells of the first event that concerns it. It is called by one goroutine
// at a time.
func (w *watcher) wake(p cairn.Position) {
	if !w.first.CompareAndSwap(0, uint64(p)) {
		return
	}
	select {
	case w.awake <- struct{}{}:
	default: // from before, and not yet taken
	}
}

// wait waits until the watcher is woken and takes notice: no event before first
// that was told since the last time concerns it. What is told from now on will
// wake it again, so the head has to be looked at after this and not before.
func (w *watcher) wait(ctx context.Context) (first cairn.Position, err error) {
	for {
		if w.closed.Load() {
			return 0, cairn.ErrClosed
		}
		if first := w.first.Swap(0); first > 0 {
			return cairn.Position(first), nil
		}
		select {
		case <-w.awake:
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

// watch registers a follower of what a query selects.
func (s *Store) watch(o *cairn.AllOptions) (*watcher, error) {
	if o.EachHead || o.Before > 0 { // to end with the log at that position, whatever is there
		w := newWatcher(nil, false)
		return w, s.watchers.add(w, interests(nil))
	}
	w, all := newWatcher(o.Query, o.NoSystem), interests(o.Query)
	if o.CaughtUp != nil || o.Progress != nil {
		all = append(all, interest{aspect: distance})
	}
	return w, s.watchers.add(w, all)
}

// watchStream registers a follower of a stream.
func (s *Store) watchStream(stream string) (*watcher, error) {
	w := newWatcher(nil, false)
	return w, s.watchers.add(w, []interest{{ofStream, stream}})
}

// await waits until something that concerns the watcher is behind position
// seen, which was the head. It returns the head and the first of it.
func (s *Store) await(ctx context.Context, w *watcher, seen cairn.Position) (first, head cairn.Position, err error) {
	for {
		if first, err = w.wait(ctx); err != nil {
			return 0, 0, err
		}
		// What woke it may have been seen before it was told; and more may have
		// been committed since, which must not be left for the next time.
		if head = s.head.get(); head > seen {
			return first, head, nil
		}
	}
}

// system reports whether the event is one of the store's own affairs.
func system(e *cairn.Recorded) bool {
	return strings.HasPrefix(e.Stream, "$") || strings.HasPrefix(e.Type, "$")
}
