package disk

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
)

// told is the part of events at positions from first on.
func told(first cairn.Position, events ...item) *part {
	p := &part{items: events}
	for i := range events {
		events[i].place.Position = first + cairn.Position(i)
	}
	p.first, p.last = first, first+cairn.Position(len(events))-1
	return p
}

func TestInterests(t *testing.T) {
	for want, q := range map[string]cairn.Query{
		"[{0 }]":              nil,
		"[{1 a} {1 b}]":       {{Streams: []string{"a", "b"}, Tags: []string{"x"}, Types: []string{"y"}}},
		"[{2 x}]":             {{Tags: []string{"x", "y"}, Types: []string{"z"}}},
		"[{3 p}]":             {{Prefixes: []string{"p"}, Types: []string{"z"}}},
		"[{4 t} {4 u}]":       {{Types: []string{"t", "u"}, Categories: []string{"c"}}},
		"[{5 c}]":             {{Categories: []string{"c"}, First: true}},
		"[{6 }]":              {{First: true}},
		"[{4 t} {0 }]":        {{Types: []string{"t"}}, {}},
		"[{4 t} {2 x} {1 s}]": {{Types: []string{"t"}}, {Tags: []string{"x"}}, {Streams: []string{"s"}}},
	} {
		if got := fmt.Sprint(interests(q)); got != want {
			t.Errorf("%+v: %s, want %s", q, got, want)
		}
	}
}

// TestWatchersWakeWhomItConcerns tells of one event after the other and looks
// which of the watchers notice.
func TestWatchersWakeWhomItConcerns(t *testing.T) {
	queries := map[string]cairn.Query{
		"all":          nil,
		"stream a-1":   {{Streams: []string{"a-1"}}},
		"tag x":        cairn.ByTag("x"),
		"tags x and y": cairn.ByTag("x", "y"),
		"prefix a":     {{Prefixes: []string{"a"}}},
		"prefix a-1":   {{Prefixes: []string{"zzz", "a-1"}}},
		"type t":       cairn.ByType("t"),
		"type t, in b": {{Types: []string{"t"}, Categories: []string{"b"}}},
		"category a":   cairn.ByCategory("a"),
		"first":        {{First: true}},
		"first of a":   {{First: true, Categories: []string{"a"}}},
		"two filters":  {{Types: []string{"none"}}, {Streams: []string{"b"}}},
		"no system":    {{Prefixes: []string{"$"}}, {Types: []string{"t"}}},
	}
	ws, all := newWatchers(), map[string]*watcher{}
	for name, q := range queries {
		all[name] = newWatcher(q, name == "no system")
		if err := ws.add(all[name], interests(q)); err != nil {
			t.Fatal(err)
		}
	}
	for i, tc := range []struct {
		event item
		woken []string
	}{
		{item{stream: "a-1", typ: "u"}, []string{"all", "stream a-1", "prefix a", "prefix a-1", "category a", "first", "first of a"}},
		{item{stream: "a-1", typ: "t", revision: 1}, []string{"all", "stream a-1", "prefix a", "prefix a-1", "category a", "type t", "no system"}},
		{item{stream: "b", typ: "t", revision: 1}, []string{"all", "type t", "type t, in b", "two filters", "no system"}},
		{item{stream: "c", typ: "u", revision: 1, tags: []string{"x"}}, []string{"all", "tag x"}},
		{item{stream: "c", typ: "u", revision: 2, tags: []string{"x", "y"}}, []string{"all", "tag x", "tags x and y"}},
		{item{stream: "$a-1", typ: "t", revision: 3}, []string{"all", "type t"}},
		{item{stream: "", typ: "", revision: 3}, []string{"all"}},
	} {
		p := cairn.Position(i + 1)
		ws.tell(told(p, tc.event))
		for name, w := range all {
			first := cairn.Position(w.first.Swap(0))
			wanted := false
			for _, want := range tc.woken {
				wanted = wanted || want == name
			}
			if wanted != (first == p) || !wanted && first != 0 {
				t.Errorf("event %d: %q is woken by %d", i, name, first)
			}
		}
	}
	for _, w := range all {
		ws.remove(w)
	}
	if len(ws.links)+len(ws.lengths) > 0 || ws.counts != [aspects]int{} || ws.n.Load() != 0 {
		t.Errorf("once all are gone, there are still %v, %v, %v, %d", ws.links, ws.lengths, ws.counts, ws.n.Load())
	}
}

// What concerns a stream concerns who follows its metadata, and the reverse.
func TestWatchersOfAStreamAndItsMetadata(t *testing.T) {
	ws, of := newWatchers(), map[string]*watcher{}
	for _, stream := range []string{"s", "$$s", "t"} {
		of[stream] = newWatcher(nil, false)
		if err := ws.add(of[stream], []interest{{ofStream, stream}}); err != nil {
			t.Fatal(err)
		}
	}
	woken := func() (all string) {
		for _, stream := range []string{"s", "$$s", "t"} {
			if of[stream].first.Swap(0) > 0 {
				all += stream + " "
			}
		}
		return all
	}
	ws.tell(told(1, item{stream: "s"}))
	if got := woken(); got != "s " {
		t.Errorf("an event of s wakes %s", got)
	}
	ws.tell(told(2, item{stream: "$$s", record: new(record)}))
	if got := woken(); got != "s $$s " {
		t.Errorf("metadata of s wakes %s", got)
	}
	ws.tell(told(3, item{stream: "s", revision: cairn.TombstoneRevision, record: new(record)}))
	if got := woken(); got != "s $$s " {
		t.Errorf("closing s wakes %s", got)
	}
}

// TestWatchersForgetInAnyOrder removes watchers of one interest from wherever
// they are among the others.
func TestWatchersForgetInAnyOrder(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 2, 0}} {
		ws, all := newWatchers(), make([]*watcher, 3)
		for i := range all {
			all[i] = newWatcher(nil, false)
			if err := ws.add(all[i], interests(cairn.ByType("t", "t"))); err != nil {
				t.Fatal(err)
			}
		}
		gone := map[int]bool{}
		for _, i := range order {
			ws.remove(all[i])
			gone[i] = true
			ws.tell(told(1, item{typ: "t"}))
			for j, w := range all {
				if woken := w.first.Swap(0) > 0; woken == gone[j] {
					t.Errorf("%v: without %v, watcher %d is woken: %v", order, gone, j, woken)
				}
			}
		}
		if len(ws.links) > 0 {
			t.Errorf("%v: %v are left", order, ws.links)
		}
	}
}

// TestWatchersOfTheDistance are woken once every so many positions, and told
// what they need not look at.
func TestWatchersOfTheDistance(t *testing.T) {
	const n = cairn.ProgressEvery
	ws, w := newWatchers(), newWatcher(cairn.ByType("t"), false)
	if err := ws.add(w, append(interests(w.query), interest{aspect: distance})); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ first, last, want cairn.Position }{
		{1, n - 1, 0}, {n, n, n + 1}, {n + 1, 2*n - 1, 0}, {2*n - 1, 2*n + 5, 2*n + 6}, {2*n + 6, 9 * n, 9*n + 1},
	} {
		p := &part{}
		p.first, p.last = tc.first, tc.last
		ws.tell(p)
		if got := cairn.Position(w.first.Swap(0)); got != tc.want {
			t.Errorf("%d to %d: woken by %d, want %d", tc.first, tc.last, got, tc.want)
		}
	}
	ws.tell(told(10*n, item{typ: "t"}))
	if got := cairn.Position(w.first.Load()); got != 10*n {
		t.Errorf("a match at %d wakes by %d", 10*n, got)
	}
}

func TestWatcherTakesNoticeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ws, w := newWatchers(), newWatcher(nil, false)
		if err := ws.add(w, interests(nil)); err != nil {
			t.Fatal(err)
		}
		ws.tell(told(7, item{}, item{}))
		ws.tell(told(9, item{}))
		if first, err := w.wait(t.Context()); first != 7 || err != nil {
			t.Errorf("woken by %d (%v), want the first event told", first, err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		cause, ends := errors.New("cause"), make(chan error, 1)
		go func() {
			first, err := w.wait(ctx)
			if first != 0 {
				t.Errorf("woken again by %d", first)
			}
			ends <- err
		}()
		synctest.Wait()
		if len(ends) > 0 {
			t.Error("woken without a reason")
		}
		cancel(cause)
		if err := <-ends; err != cause {
			t.Errorf("the context ended: %v", err)
		}
	})
}

// A restless context has a watcher look again and again whether something was
// told, instead of sleeping.
type restless struct {
	context.Context
	watcher *watcher
	looks   int
}

func (r *restless) Done() <-chan struct{} {
	select {
	case r.watcher.awake <- struct{}{}:
	default:
	}
	if r.looks++; r.looks%64 == 0 {
		runtime.Gosched()
	}
	return r.Context.Done()
}

// TestWatcherMissesNothing tells a watcher of something at one moment of its
// looking and another.
func TestWatcherMissesNothing(t *testing.T) {
	w, noticed := newWatcher(nil, false), atomic.Uint64{}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	var wg sync.WaitGroup
	wg.Go(func() {
		looking := &restless{Context: ctx, watcher: w}
		for first, err := w.wait(looking); err == nil; first, err = w.wait(looking) {
			noticed.Store(uint64(first))
		}
	})
	for p := cairn.Position(1); p <= 50_000 && ctx.Err() == nil; p++ {
		w.wake(p)
		for noticed.Load() != uint64(p) && ctx.Err() == nil {
			runtime.Gosched()
		}
	}
	if ctx.Err() != nil {
		t.Errorf("nothing was noticed behind position %d", noticed.Load())
	}
	cancel()
	wg.Wait()
}

func TestWatchersClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ws, ends := newWatchers(), make(chan error, 3)
		for i := range 3 {
			w := newWatcher(nil, false)
			if err := ws.add(w, interests(cairn.ByType("t", fmt.Sprint(i)))); err != nil {
				t.Fatal(err)
			}
			go func() {
				_, err := w.wait(t.Context())
				ends <- err
			}()
		}
		synctest.Wait()
		ws.close()
		for range 3 {
			if err := <-ends; err != cairn.ErrClosed {
				t.Errorf("a wait ended with %v", err)
			}
		}
		if err := ws.add(newWatcher(nil, false), interests(nil)); err != cairn.ErrClosed {
			t.Errorf("a watcher is added to closed ones: %v", err)
		}
	})
}

// TestAwaitLooksBehindWhatItHasSeen: what wakes a follower may be something it
// has seen already, while more was committed behind that.
func TestAwaitLooksBehindWhatItHasSeen(t *testing.T) {
	s, w := &Store{head: newGate(0), watchers: newWatchers()}, newWatcher(nil, false)
	if err := s.watchers.add(w, interests(nil)); err != nil {
		t.Fatal(err)
	}
	s.head.set(1) // which the follower sees before it is told
	s.watchers.tell(told(1, item{}))
	s.head.set(2)
	s.watchers.tell(told(2, item{}))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if first, head, err := s.await(ctx, w, 1); first > 2 || head != 2 || err != nil {
		t.Errorf("something from %d on, up to %d (%v)", first, head, err)
	}
}
