package timer

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// A shot is the attempt to fire a timer.
type shot struct {
	entry
	batch   cairn.Batch // without writes: there is nothing to do any more
	sweep   bool        // the batch removes a timer that was cancelled
	refusal error       // why it cannot fire
}

// fire fires timers, or finds out that it need not. It tries again what may or may
// not be stored; what was is no longer there then.
func (r *runner) fire(ctx context.Context, due []entry) error {
	for wait := time.Millisecond; len(due) > 0; wait = min(2*wait, time.Second) {
		shots, err := r.aim(ctx, due)
		if err == nil && r.rank.behind > 0 && slices.ContainsFunc(shots, shot.stands) {
			if err = pause(ctx, r.rank.behind); err == nil {
				shots, err = r.aim(ctx, due)
			}
		}
		if err == nil {
			due, err = r.shoot(ctx, shots)
		}
		if err == nil && len(due) > 0 {
			err = pause(ctx, wait)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stands reports whether there is something to be done about a timer.
func (s shot) stands() bool { return s.refusal != nil || len(s.batch.Writes) > 0 }

// pause waits for a while, or less if the context ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}

// shoot commits, and returns the timers of which it is not known whether they were
// fired.
func (r *runner) shoot(ctx context.Context, shots []shot) (unknown []entry, err error) {
	var batches []cairn.Batch
	var live []*shot
	for i := range shots {
		if len(shots[i].batch.Writes) > 0 {
			batches, live = append(batches, shots[i].batch), append(live, &shots[i])
		} else if shots[i].refusal != nil {
			err = errors.Join(err, r.fail(ctx, &shots[i]))
		}
	}
	if err != nil || len(batches) == 0 {
		return nil, err
	}
	fired, lost := 0, 0
	for i, out := range cairn.CommitEach(ctx, r.store, batches) {
		s := live[i]
		r.dirty = true
		switch {
		case out.Err == nil && !out.Duplicate:
			fired++
			r.fired(s)
		case errors.Is(out.Err, cairn.ErrUnknownOutcome):
			unknown = append(unknown, s.entry)
		case out.Err == nil:
			lost++
			err = errors.Join(err, r.repeated(ctx, s))
		case errors.Is(out.Err, cairn.ErrConflict) || r.gone(s, out.Err):
			lost++
			r.lost(s)
		case fatal(ctx, out.Err):
			err = errors.Join(err, out.Err)
		default:
			s.refusal = out.Err
			err = errors.Join(err, r.fail(ctx, s))
		}
	}
	r.rank.learn(fired, lost)
	return unknown, err
}

var errRepeated = errors.New("timer: the stream has an event with this ID already; leave the ID to the timer")

// repeated finds out why an event was there already: somebody else has fired the
// timer, or it is another event of the same ID, and then this one will never be
// stored.
func (r *runner) repeated(ctx context.Context, s *shot) error {
	now, err := r.look(ctx, s.entry)
	switch {
	case err != nil:
		return err
	case now.stands() && !s.sweep:
		s.refusal = errRepeated
		return r.fail(ctx, s)
	}
	r.lost(s)
	return nil
}

// gone reports whether an error says that somebody has closed the timer's stream.
func (r *runner) gone(s *shot, err error) bool {
	d, ok := errors.AsType[*cairn.DeletedError](err)
	return ok && d.Stream == r.category.stream(s.key)
}

// fatal reports whether an error is about the store and not about the timer.
func fatal(ctx context.Context, err error) bool {
	for _, target := range []error{cairn.ErrClosed, cairn.ErrFailed, cairn.ErrReadOnly, cairn.ErrNoSpace, cairn.ErrCorrupt, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, target) {
			return true
		}
	}
	return ctx.Err() != nil
}

// fail marks a timer as one that cannot fire. If the store refuses that too, it is
// not about the timer.
func (r *runner) fail(ctx context.Context, s *shot) error {
	stream := r.category.stream(s.key)
	data, err := encode(failure{Error: text(s.refusal)})
	if err != nil {
		return err
	}
	e := cairn.Event{ID: cairn.NewID(), Type: TypeFailed, Data: data}
	for wait := time.Millisecond; ; wait = min(2*wait, time.Second) {
		_, err = r.store.Append(ctx, stream, s.revision, e)
		if !errors.Is(err, cairn.ErrUnknownOutcome) {
			break
		}
		if err := pause(ctx, wait); err != nil {
			return err
		}
	}
	if errors.Is(err, cairn.ErrConflict) || r.gone(s, err) {
		r.lost(s)
		return nil
	}
	if err == nil {
		r.o.Logger.Warn("timer: cannot fire", "stream", stream, "err", s.refusal)
		if r.o.OnFailed != nil {
			r.o.OnFailed(s.key, s.refusal)
		}
	}
	return err
}

// text is what is kept of an error.
func text(err error) string { s := err.Error(); return s[:min(len(s), 4096)] }

func (r *runner) fired(s *shot) {
	if r.o.OnFired != nil && !s.sweep {
		r.o.OnFired(s.key, time.Duration(r.o.Clock.Now().UnixNano()-s.due))
	}
}

func (r *runner) lost(s *shot) {
	if r.o.OnLost != nil {
		r.o.OnLost(s.key)
	}
}
