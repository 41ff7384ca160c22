package disk

import (
	"sync"
	"sync/atomic"

	"github.com/cairndb/cairn"
)

// watchers are the followers of a store, by what they wait for. Whoever commits
// tells them what was committed, and so wakes those alone whom it concerns: the
// cost is nothing without followers, else a look for each event, and what it
// takes to wake those who want it.
//
// No wake-up is lost. A follower is among the watchers before it looks at the
// head, and is told of what is committed after the head has moved: what it does
// not find when it looks, it is woken by.
type watchers struct {
	n atomic.Int64 // how many there are; asked before locking

	mu      sync.Mutex
	closed  bool
	links   map[interest]*link // the first of each
	counts  [aspects]int       // how many links there are
	lengths map[int]int        // how many links by prefix there are, by its length
}

func newWatchers() *watchers {
	return &watchers{links: map[interest]*link{}, lengths: map[int]int{}}
}

// A link is a watcher's place among those with the same interest.
type link struct {
	*watcher
	interest   interest
	next, prev *link
}

// add registers a watcher. It fails once the store is closed.
func (ws *watchers) add(w *watcher, all []interest) error {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.closed {
		return cairn.ErrClosed
	}
	w.links = make([]link, len(all))
	for i, in := range all {
		l := &w.links[i]
		*l = link{watcher: w, interest: in, next: ws.links[in]}
		if l.next != nil {
			l.next.prev = l
		}
		ws.links[in] = l
		ws.count(in, 1)
	}
	ws.n.Add(1)
	return nil
}

// remove forgets a watcher that was added.
func (ws *watchers) remove(w *watcher) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for i := range w.links {
		ws.unlink(&w.links[i])
	}
	ws.n.Add(-1)
}

func (ws *watchers) unlink(l *link) {
	if l.next != nil {
		l.next.prev = l.prev
	}
	switch {
	case l.prev != nil:
		l.prev.next = l.next
	case l.next != nil:
		ws.links[l.interest] = l.next
	default:
		delete(ws.links, l.interest)
	}
	ws.count(l.interest, -1)
}

func (ws *watchers) count(in interest, n int) {
	ws.counts[in.aspect] += n
	if in.aspect != ofPrefix {
		return
	}
	length := len(in.name)
	if ws.lengths[length] += n; ws.lengths[length] == 0 {
		delete(ws.lengths, length)
	}
}

// close wakes all, for the last time.
func (ws *watchers) close() {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	ws.closed = true
	for _, l := range ws.links {
		for ; l != nil; l = l.next {
			l.closed.Store(true)
			l.wake(1)
		}
	}
}

// tell wakes those whom a part concerns. Parts are told one after the other,
// each once it is visible.
func (ws *watchers) tell(p *part) {
	if ws.n.Load() == 0 {
		return
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	for i := range p.items {
		if it := &p.items[i]; it.key == "" {
			ws.event(it)
		}
	}
	// All that was committed up to here was told, so whoever is still asleep
	// can begin behind it.
	if (p.first-1)/cairn.ProgressEvery != p.last/cairn.ProgressEvery {
		for l := ws.links[interest{aspect: distance}]; l != nil; l = l.next {
			l.wake(p.last + 1)
		}
	}
}

func (ws *watchers) event(it *item) {
	e := cairn.Recorded{Stream: it.stream, Revision: it.revision, Position: it.place.Position}
	e.Type, e.Tags = it.typ, it.tags
	ws.offer(anything, "", &e)
	ws.offer(ofStream, e.Stream, &e)
	if it.record != nil {
		ws.other(&e)
	}
	for _, tag := range e.Tags {
		ws.offer(ofTag, tag, &e)
	}
	for n := range ws.lengths {
		if n <= len(e.Stream) {
			ws.offer(ofPrefix, e.Stream[:n], &e)
		}
	}
	ws.offer(ofType, e.Type, &e)
	if ws.counts[ofCategory] > 0 {
		ws.offer(ofCategory, cairn.Category(e.Stream), &e)
	}
	if e.Revision == 0 {
		ws.offer(ofFirst, "", &e)
	}
}

// offer shows an event to those with an interest.
func (ws *watchers) offer(a aspect, name string, e *cairn.Recorded) {
	if ws.counts[a] == 0 {
		return
	}
	for l := ws.links[interest{a, name}]; l != nil; l = l.next {
		if l.wants(e) {
			l.wake(e.Position)
		}
	}
}

// other wakes the followers of the metadata stream of a stream that was closed,
// and those of a stream whose metadata changed.
func (ws *watchers) other(e *cairn.Recorded) {
	stream, meta := addressed(e.Stream)
	if !meta {
		stream = cairn.MetadataStream(stream)
	}
	ws.offer(ofStream, stream, e)
}
