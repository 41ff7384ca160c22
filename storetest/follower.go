package storetest

import (
	"context"
	"errors"

	"github.com/cairndb/cairn"
)

// A sight is one thing that a follower sees, in order.
type sight struct {
	what  string // "event", "caught up", "progress" or "error"
	event cairn.Recorded
	at    int64 // position or revision
	err   error
}

// A follower is a read in a goroutine of its own. Each sight waits until it is
// taken.
type follower struct {
	k      *kit
	sights chan sight
	cancel context.CancelCauseFunc
}

var errEnough = errors.New("storetest: the follower has seen enough")

// follow follows the log, telling of progress as well as of events.
func (k *kit) follow(o cairn.AllOptions) *follower { return k.hear(o, true) }

// hear follows the log, and is told or not when it has caught up.
func (k *kit) hear(o cairn.AllOptions, caughtUp bool) *follower {
	ctx, cancel := context.WithCancelCause(k.ctx)
	f := &follower{k, make(chan sight), cancel}
	o.Follow = true
	if caughtUp {
		o.CaughtUp = func(p cairn.Position) { f.see(ctx, sight{what: "caught up", at: int64(p)}) }
	}
	o.Progress = func(p cairn.Position) { f.see(ctx, sight{what: "progress", at: int64(p)}) }
	store := k.store
	go func() {
		defer close(f.sights)
		for e, err := range store.ReadAll(ctx, o) {
			f.pair(ctx, e, err, int64(e.Position))
		}
	}()
	return f
}

// followStream follows a stream.
func (k *kit) followStream(stream string, o cairn.ReadOptions) *follower {
	ctx, cancel := context.WithCancelCause(k.ctx)
	f := &follower{k, make(chan sight), cancel}
	o.Follow = true
	o.CaughtUp = func(r cairn.Revision) { f.see(ctx, sight{what: "caught up", at: int64(r)}) }
	store := k.store
	go func() {
		defer close(f.sights)
		for e, err := range store.ReadStream(ctx, stream, o) {
			f.pair(ctx, e, err, int64(e.Revision))
		}
	}()
	return f
}

func (f *follower) pair(ctx context.Context, e cairn.Recorded, err error, at int64) {
	if err != nil {
		f.see(f.k.ctx, sight{what: "error", err: err})
		return
	}
	f.see(ctx, sight{what: "event", event: e, at: at})
}

func (f *follower) see(ctx context.Context, s sight) {
	select {
	case f.sights <- s:
	case <-ctx.Done():
	}
}

// next is the next sight. It ends the check if there is none.
func (f *follower) next() sight {
	f.k.Helper()
	select {
	case s, ok := <-f.sights:
		if !ok {
			f.k.Fatal("the follower has ended without an error")
		}
		return s
	case <-f.k.ctx.Done():
		f.k.Fatal("the follower sees nothing more: ", context.Cause(f.k.ctx))
	}
	return sight{}
}

// event is the next event, past what is told between events.
func (f *follower) event() cairn.Recorded {
	f.k.Helper()
	for {
		switch s := f.next(); s.what {
		case "event":
			return s.event
		case "error":
			f.k.Fatalf("follow: %v", s.err)
		}
	}
}

// caughtUp takes sights until the follower has caught up with at least at, and
// returns the events among them.
func (f *follower) caughtUp(at int64) (events []cairn.Recorded) {
	f.k.Helper()
	for {
		switch s := f.next(); {
		case s.what == "error":
			f.k.Fatalf("follow: %v", s.err)
		case s.what == "event":
			events = append(events, s.event)
		case s.what == "caught up" && s.at >= at:
			return events
		}
	}
}

// told takes sights until the follower says in whichever way that it has come
// to at least at. None of them may be an event.
func (f *follower) told(at int64) {
	f.k.Helper()
	for {
		switch s := f.next(); {
		case s.what == "error":
			f.k.Fatalf("follow: %v", s.err)
		case s.what == "event":
			f.k.Errorf("the follower sees an event at %d, which is not for it", s.at)
		case s.at >= at:
			return
		}
	}
}

// failure takes sights until the follower ends and returns its error.
func (f *follower) failure() error {
	f.k.Helper()
	for {
		if s := f.next(); s.what == "error" {
			f.k.Helper()
			if _, more := <-f.sights; more {
				f.k.Error("the follower goes on after an error")
			}
			return s.err
		}
	}
}

// stop ends the follower and waits for it.
func (f *follower) stop() {
	f.cancel(errEnough)
	for range f.sights {
	}
}
