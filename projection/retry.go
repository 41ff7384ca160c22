package projection

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
)

// Retried is what has become of a parked key.
type Retried struct {
	Build   int
	Key     string
	Applied int // events
	Skipped int // events that the log holds no more, or that the handler has skipped
	Left    int // events that stay parked; zero frees the key
	Err     error
}

// RetryParked applies the parked events of keys again, in order, each in its own
// transaction: in the build of the projection's version. Without keys it is done for
// all that are parked. A key is free when the last of its events is applied, and its
// later events are applied as they come. It stays parked, and is done with, when one
// of its events fails: that is a [*FailureError] in Retried.Err.
//
// A runner may park further events of the key meanwhile; they are applied, too. So
// it may be called while runners run, and whether or not they do. The error of
// RetryParked itself is one of the database or the log. A key that is not parked is
// an [ErrUnknown].
func RetryParked[Tx any](ctx context.Context, log Log, target Target[Tx], p Projection[Tx], keys ...string) ([]Retried, error) {
	r, err := newRunner(log, target, p, nil)
	if err != nil {
		return nil, err
	}
	d, _, err := r.load(ctx)
	if err != nil {
		return nil, err
	}
	b, there := d.version(r.p.Version)
	if !there {
		return nil, nothing(r.p.Name, "there is no build of version %d", r.p.Version)
	}
	if err := r.check(b); err != nil {
		return nil, err
	}
	return r.retryAll(ctx, b, keys)
}

// retryAll retries keys, or all that are parked.
func (r *runner[Tx]) retryAll(ctx context.Context, b Definition, keys []string) (all []Retried, err error) {
	if len(keys) == 0 {
		found, err := parkedIn(ctx, r.target, r.place, b.Build)
		if err != nil {
			return nil, err
		}
		for _, k := range found {
			keys = append(keys, k.Key)
		}
	}
	for _, key := range keys {
		t := retry[Tx]{runner: r, build: b, Retried: Retried{Build: b.Build, Key: key}}
		err := t.run(ctx)
		all = append(all, t.Retried)
		if err != nil {
			return all, err
		}
	}
	return all, nil
}

// A retry is at work on one key.
type retry[Tx any] struct {
	*runner[Tx]
	build Definition
	Retried

	key    keyEntry
	stands Entry   // the key's entry
	events []Entry // that are parked
	begun  bool
	unsure string // the entry of an event that may have been applied
}

// run goes through the key's events, and begins anew when somebody else was at them
// or the outcome of a transaction is not known.
func (t *retry[Tx]) run(ctx context.Context) error {
	for {
		err := t.persist(ctx, func(ctx context.Context) error {
			if err := t.look(ctx); err != nil {
				return err
			}
			return t.through(ctx)
		})
		switch {
		case errors.Is(err, ErrMoved):
			continue
		case t.begun && errors.Is(err, ErrUnknown): // somebody else has done the rest
			t.Left = 0
			return nil
		}
		if f, ok := errors.AsType[*FailureError](err); ok {
			t.Err = f
			return nil
		}
		return err
	}
}

// look reads what is parked: the key's entry first, as each event that is parked
// later changes it, so that what is then done for these events only cannot pass.
func (t *retry[Tx]) look(ctx context.Context) (err error) {
	var free error
	t.key, t.stands, free = parkedKey(ctx, t.target, t.place, t.build.Build, t.Key)
	if free != nil && !errors.Is(free, ErrUnknown) {
		return free
	}
	t.events, err = t.target.Entries(ctx, t.place.parkedOf(t.build.Build, t.Key))
	if err != nil {
		return err
	}
	if t.unsure != "" && (len(t.events) == 0 || t.events[0].Key != t.unsure) {
		t.Applied++
	}
	t.Left, t.unsure = len(t.events), ""
	t.begun = t.begun || free == nil
	return free
}

func (t *retry[Tx]) through(ctx context.Context) error {
	if t.Left == 0 {
		return t.target.Apply(ctx, Change{Expect: []Entry{t.stands}, Put: []Entry{{Key: t.stands.Key}}})
	}
	for t.Left > 0 {
		if err := t.one(ctx, t.events[len(t.events)-t.Left]); err != nil {
			return err
		}
		t.Left--
	}
	return nil
}

// one applies the first event that is left.
func (t *retry[Tx]) one(ctx context.Context, parked Entry) error {
	var o LeftOut
	if err := decode(parked, &o); err != nil {
		return err
	}
	e, there, err := t.read(ctx, o.Position)
	if err != nil {
		return err
	}
	c, next := t.change(parked)
	if there {
		err = t.apply(ctx, c, &Event{Recorded: e, Names: t.build.names()})
	} else {
		err = Skip(errors.New("the log does not hold it any more"))
	}
	if d, ok := errors.AsType[*decided](err); ok && d.what == SkipOnFailure {
		o.Reason = shorten(d.Error(), maxReason)
		c.Put = append(c.Put, Entry{t.place.skippedAt(t.build.Build, o.Position), encode(o)})
		if err = t.target.Apply(ctx, c); err == nil {
			t.Skipped++
		}
	} else if err == nil {
		t.Applied++
	}
	t.stands = next
	return err
}

// change is how the bookkeeping changes with the first event that is left.
func (t *retry[Tx]) change(parked Entry) (Change, Entry) {
	t.key.Changes++
	next := Entry{t.stands.Key, encode(t.key)}
	if t.Left == 1 {
		next.Value = ""
	}
	return Change{Expect: []Entry{t.stands, parked}, Put: []Entry{next, {Key: parked.Key}}}, next
}

// read finds an event in the log.
func (t *retry[Tx]) read(ctx context.Context, p cairn.Position) (cairn.Recorded, bool, error) {
	for e, err := range t.log.ReadAll(ctx, cairn.AllOptions{After: p - 1, Before: p + 1}) {
		return e, err == nil, err
	}
	return cairn.Recorded{}, false, context.Cause(ctx)
}

// apply applies an event. If it fails, the key keeps the reason.
func (t *retry[Tx]) apply(ctx context.Context, c Change, e *Event) error {
	b := batch{Change: c}
	var own error
	if own = t.trace(&b, e, t.build.Build); own == nil {
		err := t.target.Update(ctx, b.Change, func(ctx context.Context, tx Tx) error {
			own = guarded(ctx, tx, []*Event{e}, t.p.Handler.Apply)
			return own
		})
		switch {
		case err == nil || errors.Is(err, ErrMoved) || context.Cause(ctx) != nil:
			return err
		case t.target.Fault(err) != FaultEvent:
			if own == nil {
				t.unsure = c.Put[1].Key
			}
			return err
		case isDecided(own) && verdict(t.p.Failures, own) == SkipOnFailure:
			return own
		case own == nil: // what the transaction did at its end
			own = err
		}
	}
	return t.failed(ctx, e, own)
}

// failed keeps why an event has failed again.
func (t *retry[Tx]) failed(ctx context.Context, e *Event, reason error) error {
	if own, ok := errors.AsType[*EventError](reason); ok {
		reason = own.Err
	}
	t.key.Reason = shorten(reason.Error(), maxReason)
	err := t.target.Apply(ctx, Change{Expect: []Entry{t.stands}, Put: []Entry{{t.stands.Key, encode(t.key)}}})
	if err != nil {
		return err
	}
	return t.failure(&e.Recorded, 1, fmt.Errorf("parked again: %w", reason))
}
