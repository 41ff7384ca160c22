package projection

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
)

// A Subject is code that [Check] tries: [Decodes] and [Projects] make one.
type Subject struct {
	// Name is what it is called in the report.
	Name string

	query  cairn.Query // what it is about
	wrong  error       // it makes no sense
	decode func(*cairn.Recorded) error
	try    func(ctx context.Context, log Log, e cairn.Recorded, before int) (Outcome, error, error)
}

// A Decoder turns stored events into those of an application. A [codec.Codec] is one.
type Decoder[E any] interface {
	// Decode returns the event that was stored, in its newest form.
	Decode(cairn.Recorded) (E, error)
	// Names returns the types of all events that Decode understands.
	Names() []string
}

// Decodes is the subject that d decodes the events of a query, its upcasters
// included. A nil query means those of the types that it names: then a type that
// was forgotten is not missed. One by category or by stream also finds those.
func Decodes[E any](name string, d Decoder[E], q cairn.Query) Subject {
	if q == nil {
		q = cairn.ByType(d.Names()...)
	}
	return Subject{Name: name, query: q, decode: func(e *cairn.Recorded) error {
		return decodes(d, e)
	}}
}

// decodes decodes an event. A panic is an error.
func decodes[E any](d Decoder[E], e *cairn.Recorded) error {
	return safely(func() error {
		_, err := d.Decode(*e)
		return err
	})
}

// Projects is the subject that p applies its events. Each example is applied after
// the events of its key that came before it, with tables of its own, in a
// transaction that is undone. If it fails there it is tried once more after all
// events of the projection that came before it, because it may need rows of other
// keys. It is not judged where these are more than the options allow. An event
// that cannot be decoded, and one on which the handler panics, breaks in any case.
//
// The target must be able to undo, and the projection must have Tables: otherwise
// nothing is judged. See [AsOf].
func Projects[Tx any](target Target[Tx], p Projection[Tx]) Subject {
	p = p.completed()
	s := Subject{Name: p.Name}
	s.query, s.wrong = p.selected()
	s.wrong = errors.Join(p.check(), s.wrong)
	s.try = func(ctx context.Context, log Log, e cairn.Recorded, before int) (Outcome, error, error) {
		if err := undoable(target, p.Tables); err != nil {
			return Unjudged, err, nil
		}
		return (&trial[Tx]{log, target, &p, e, before}).run(ctx)
	}
	return s
}

// A trial is of one event on one projection.
type trial[Tx any] struct {
	log        Log
	target     Target[Tx]
	projection *Projection[Tx]
	event      cairn.Recorded
	before     int
}

// run returns the outcome and its reason, or an error that is not the code's.
func (t *trial[Tx]) run(ctx context.Context) (Outcome, error, error) {
	key, err := keyOf(t.projection.Key, &t.event)
	if err != nil {
		return Breaks, err, nil
	}
	own, reason := t.after(ctx, key, AsOfOptions{Key: key}, 0)
	switch {
	case own == Unjudged:
		if alone, second := t.after(ctx, key, AsOfOptions{All: true}, t.event.Position-1); alone == Breaks && certain(second) {
			own, reason = alone, second
		}
	case own == Breaks && !certain(reason):
		if all, second := t.after(ctx, key, AsOfOptions{All: true}, 0); all != Unjudged {
			own, reason = all, second
		} else {
			own, reason = Unjudged, fmt.Errorf("it fails with only the events of its own key before it: %w", reason)
		}
	}
	if err := context.Cause(ctx); err != nil {
		return Unjudged, nil, err
	}
	if reason != nil && t.target.Fault(reason) == FaultDown {
		return Unjudged, nil, reason
	}
	return own, reason, nil
}

// certain reports whether the failure cannot be due to missing rows.
func certain(err error) bool {
	_, undecodable := errors.AsType[*codec.DecodeError](err)
	_, panicked := errors.AsType[*PanicError](err)
	return undecodable || panicked
}

// after applies the event after others: those that came after a position.
func (t *trial[Tx]) after(ctx context.Context, key string, o AsOfOptions, from cairn.Position) (Outcome, error) {
	o.Position = t.event.Position
	f, err := newFolder(t.log, t.target, t.projection, o)
	if err != nil {
		return Breaks, err
	}
	f.most, f.exam, f.from = t.before+1, t.event.Position, from
	f.read = func(context.Context, Tx, Names) error { return nil }
	err = f.fold(ctx)
	failure, failed := errors.AsType[*FailureError](err)
	at, parked := f.parked[key]
	switch {
	case failed && failure.Event.Position == t.event.Position:
		return Breaks, failure.Err
	case failed:
		return Unjudged, fmt.Errorf("an event before it fails: %w", err)
	case errors.Is(err, errTooMany):
		return Unjudged, fmt.Errorf("too much comes before it: %w", err)
	case err != nil:
		return Breaks, err // of Setup, or of the transaction as a whole
	case parked && !f.failed[t.event.Position]:
		return Unjudged, fmt.Errorf("an event of its key before it is parked, at position %d", at)
	}
	return Fine, nil
}
