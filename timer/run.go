package timer

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// A runner fires timers.
type runner struct {
	source
	o     Options
	queue *queue

	caught    chan struct{} // closed when the follower has seen what was there
	caughtUp  func()
	rank      rank
	written   progress
	writtenAt time.Time
	dirty     bool
	forgets   bool // the store does, all but the last progress
}

// Run fires the timers of a category until ctx ends, and returns the cause. Any
// number of processes may run it at the same time; each timer fires once. It ends
// earlier with the first error of the store that is not about one timer: what the
// store can wait out it has waited out by then.
//
// A timer whose event the store refuses, because its stream is closed or may not be
// written, is marked as failed and not tried again: see [Failed].
func Run(ctx context.Context, store Store, o Options) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	r := &runner{source: source{store, o.Category}, o: o, caught: make(chan struct{})}
	r.caughtUp = sync.OnceFunc(func() { close(r.caught) })
	if r.written, err = r.resume(ctx); err != nil {
		return err
	}
	if r.written.Position == 0 {
		r.written.Due = o.Clock.Now() // nothing was set before, whatever it is due
	}
	r.queue = newQueue(o.Window, r.written)
	return together(ctx, r.follow, r.load, r.fireAll)
}

// together runs functions until the first of them returns, ends the others, and
// returns what the first one did.
func together(ctx context.Context, all ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, run := range all {
		wg.Go(func() { cancel(run(ctx)) })
	}
	wg.Wait()
	return context.Cause(ctx)
}

// follow hands what is set to the queue.
func (r *runner) follow(ctx context.Context) error {
	o := cairn.AllOptions{After: r.written.Position, Query: r.set(), Follow: true, Progress: r.queue.reach}
	o.CaughtUp = func(p cairn.Position) {
		r.queue.reach(p)
		r.caughtUp()
	}
	for e, err := range r.entries(ctx, o) {
		if err != nil {
			return err
		}
		r.queue.add(e)
	}
	return context.Cause(ctx)
}

// fireAll fires what is due.
func (r *runner) fireAll(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-r.caught:
	}
	for {
		now := r.o.Clock.Now()
		due, wait := r.queue.ready(now.UnixNano(), r.o.Batch)
		if err := r.fire(ctx, due); err != nil {
			return err
		}
		r.checkpoint(ctx, false)
		if len(due) > 0 && ctx.Err() == nil {
			continue
		}
		select {
		case <-ctx.Done():
			r.checkpoint(context.WithoutCancel(ctx), true) // so that the next one need not look again
			return context.Cause(ctx)
		case <-r.queue.wake:
		case <-r.o.Clock.Until(now.Add(wait)):
		}
	}
}

// A rank says how far a runner hangs back behind another one that is quicker.
type rank struct {
	behind time.Duration
	alone  int // how often in a row nobody else was there
}

// aloneFor is for how many commits in a row a runner must have met nobody before
// it stops hanging back.
const aloneFor = 3

// learn takes how many timers of a commit the runner has fired, and how many others
// were quicker to.
func (r *rank) learn(fired, lost int) {
	switch {
	case lost > 0 && lost >= fired:
		r.behind, r.alone = 100*time.Millisecond+rand.N(200*time.Millisecond), 0
	case lost > 0:
		r.alone = 0
	case fired > 0:
		if r.alone++; r.alone >= aloneFor {
			r.behind = 0
		}
	}
}
