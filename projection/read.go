package projection

import (
	"cmp"
	"context"
	"errors"

	"github.com/cairndb/cairn"
)

// A reader reads the log once for all lanes that are served.
type reader[Tx any] struct {
	*work[Tx]
	ctx     context.Context
	served  []*lane[Tx]
	at      cairn.Position // up to where every event was handed out
	told    cairn.Position // what the lanes were last told of reached
	yielded bool           // something was handed out since then
}

// read hands events to the lanes until ctx ends. It begins anew when a lane joins.
func (w *work[Tx]) read(ctx context.Context) error {
	r := reader[Tx]{work: w}
	for {
		select {
		case <-w.restart:
		case <-ctx.Done():
			return nil
		}
		for again := true; again; {
			err := r.pass(ctx)
			if again = errors.Is(err, errRestart); !again && err != nil {
				return err
			}
		}
	}
}

// pass reads the log from where the lane stands that is furthest behind.
func (r *reader[Tx]) pass(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.ctx, r.yielded = ctx, true
	if !r.welcome(cancel) {
		return nil
	}
	o := selection(r.query)
	o.After, o.Follow = r.at, true
	o.CaughtUp = func(p cairn.Position) { r.reach(p, true) }
	o.Progress = func(p cairn.Position) { r.reach(p, false) }
	var next cairn.Recorded // one for all
	for e, err := range r.log.ReadAll(ctx, o) {
		if err != nil {
			return cmp.Or(context.Cause(ctx), err)
		}
		next = e
		if err := r.hand(&next); err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// welcome begins to serve the lanes that join, and forgets those that were lost. It
// reports whether there is any to serve.
func (r *reader[Tx]) welcome(interrupt context.CancelCauseFunc) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.interrupt = interrupt
	for _, l := range r.served {
		l.next = max(l.next, r.at)
	}
	for _, l := range r.joining {
		l.ring.reset(l.at.Position)
		l.next = l.at.Position
		close(l.joined)
	}
	r.joining, r.served = nil, nil
	for _, l := range r.lanes {
		if l.ring.closed.Load() {
			continue
		}
		if len(r.served) == 0 || l.next < r.at {
			r.at = l.next
		}
		r.served = append(r.served, l)
	}
	r.told = r.at
	return len(r.served) > 0
}

// hand gives an event to its lane, unless that had it before or is not served.
func (r *reader[Tx]) hand(e *cairn.Recorded) error {
	n, err := r.laneOf(e, len(r.lanes))
	if err != nil {
		return err
	}
	if l := r.lanes[n]; !l.ring.closed.Load() && e.Position > l.next {
		if !l.ring.put(r.ctx, e, r.names) {
			return context.Cause(r.ctx)
		}
		l.next = e.Position
	}
	r.at, r.yielded = e.Position, true
	return nil
}

// reach tells the lanes how far the log was read. A log to which only other events
// are written is no news for a long time: what it is told of is written down, and
// if that had news in its turn there would be no end.
func (r *reader[Tx]) reach(p cairn.Position, head bool) {
	r.at = max(r.at, p)
	if !r.yielded && p < r.told+cairn.ProgressEvery {
		return
	}
	r.told, r.yielded = p, !head
	for _, l := range r.served {
		l.next = max(l.next, p)
		l.ring.reach(p, head)
	}
}
