package projection

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
)

// foldBatch is how many events a handler is given at a time.
const foldBatch = 1024

// A foldError is the failure of an event that was folded. It is not sure which
// event that was if the handler did not say so.
type foldError struct {
	event cairn.Recorded
	sure  bool
	err   error
}

func (e *foldError) Error() string { return e.err.Error() }
func (e *foldError) Unwrap() error { return e.err }

func (e *foldError) failure(name string, version int) error {
	return &FailureError{Projection: name, Version: max(version, 1), Attempts: 1, Event: e.event, Err: e.err}
}

// apply folds the events into the tables.
func (f *folder[Tx]) apply(ctx context.Context, tx Tx, n Names) error {
	var batch []*Event
	count := 0
	o := f.events()
	if o.Query != nil && len(o.Query) == 0 {
		return nil // the projection has no events of the key
	}
	for e, err := range f.log.ReadAll(ctx, o) {
		if err != nil {
			return err
		}
		if counts, err := f.counts(&e); err != nil {
			return err
		} else if !counts {
			continue
		}
		if count++; f.most > 0 && count > f.most {
			return fmt.Errorf("%w: %d", errTooMany, f.most)
		}
		if batch = append(batch, &Event{e, n}); f.single || len(batch) == foldBatch {
			if err := f.hand(ctx, tx, batch); err != nil {
				return err
			}
			batch = nil // a handler may have kept what it was given
		}
	}
	if len(batch) == 0 {
		return nil
	}
	return f.hand(ctx, tx, batch)
}

// errTooMany means that more events would have to be folded than was allowed.
var errTooMany = errors.New("projection: there are more events to fold than")

// events selects what may count: the projection's, up to the position.
func (f *folder[Tx]) events() cairn.AllOptions {
	o := selection(f.query)
	o.After = f.from
	if f.options.Key != "" && f.projection.Key == nil {
		o.Query = within(o.Query, f.options.Key)
	}
	if f.options.Position > 0 {
		o.Before = f.options.Position + 1
	}
	return o
}

// counts reports whether an event is one to fold.
func (f *folder[Tx]) counts(e *cairn.Recorded) (bool, error) {
	o := &f.options
	switch {
	case !o.Query.Match(e), f.failed[e.Position]:
		return false, nil
	case !o.Time.IsZero() && e.Time.After(o.Time):
		return false, nil
	case o.Key == "" && len(f.parked) == 0:
		return true, nil // whatever its key is
	}
	key, err := keyOf(f.projection.Key, e)
	if err != nil {
		return false, f.keyless(e, err)
	}
	parked, isParked := f.parked[key]
	return (o.Key == "" || o.Key == key) && !(isParked && e.Position >= parked), nil
}

// hand gives events to the handler and finds out which one failed.
func (f *folder[Tx]) hand(ctx context.Context, tx Tx, batch []*Event) error {
	err := guarded(ctx, tx, batch, f.projection.Handler.Apply)
	if err == nil || ctx.Err() != nil {
		return err
	}
	if fault := f.target.Fault(err); fault == FaultAgain || fault == FaultDown {
		return err // which is no event's
	}
	if e, ok := errors.AsType[*EventError](err); ok {
		for _, at := range batch {
			if at.Position == e.Position {
				return &foldError{at.Recorded, true, err}
			}
		}
	}
	return &foldError{batch[0].Recorded, len(batch) == 1, err}
}

// guarded turns a panic of a handler into an error.
func guarded[Tx any](ctx context.Context, tx Tx, batch []*Event, apply func(context.Context, Tx, []*Event) error) error {
	return safely(func() error { return apply(ctx, tx, batch) })
}
