package projection

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/cairndb/cairn"
)

// ScratchBuilds is the first of the numbers that no build is ever given. AsOf and
// Check take one of those from here on to below twice that, at random, for tables
// that nobody else ever sees.
const ScratchBuilds = 500_000_000

// AsOfOptions say what to fold. What is folded is the projection's events, those
// of Key, of Query, or of both; up to Position, to Time, or to both.
type AsOfOptions struct {
	// Key is that of the events: the stream, or what the projection's own Key
	// makes of an event. Empty means any.
	Key string

	// Query narrows the events further. Nil does not.
	Query cairn.Query

	// All must be set where neither Key nor Query is given: it means to fold all
	// of the projection's events.
	All bool

	// Position is that of the last event that counts, and Time is when the last
	// was recorded that does. The zero values are no bounds.
	Position cairn.Position
	Time     time.Time
}

// AsOf shows a read model, or the part of it that belongs to one key, as it was at
// a past position or time. It makes the projection's tables anew under names of
// their own, folds the events that had happened until then, and lets read look at
// the result, all in one transaction, which is then undone: nobody else sees any
// of it, and nothing stays behind.
//
//	err := projection.AsOf(ctx, store, target, balances, projection.AsOfOptions{Key: "account-7", Time: lastMonth},
//		func(ctx context.Context, tx pgx.Tx, n projection.Names) error {
//			return tx.QueryRow(ctx, "SELECT cents FROM "+n.Name("balance")).Scan(&cents)
//		})
//
// The events are applied by the code at hand, not by that of the time. What a
// handler looks up in rows of other keys is not there. Events that fail are left
// out as the projection's Failures, or the handler, say, which costs a new
// transaction for each; to stop is a [*FailureError].
//
// The target must be able to undo all that a transaction has done, tables that it
// has made included ([Traits]), and the projection must have Tables: else the
// error is a [*cairn.InvalidError]. The transaction is open for as long as the
// folding takes, some 100,000 events being a matter of seconds. The function read
// may run more than once, and its error is returned.
func AsOf[Tx any](ctx context.Context, log Log, target Target[Tx], p Projection[Tx], o AsOfOptions, read func(ctx context.Context, tx Tx, n Names) error) error {
	if err := o.check(); err != nil {
		return err
	}
	if err := undoable(target, p.Tables); err != nil {
		return err
	}
	p = p.completed()
	f, err := newFolder(log, target, &p, o)
	if err != nil {
		return err
	}
	f.read = read
	return f.fold(ctx)
}

func newFolder[Tx any](log Log, target Target[Tx], p *Projection[Tx], o AsOfOptions) (*folder[Tx], error) {
	q, err := p.selected()
	return &folder[Tx]{
		log: log, target: target, projection: p, query: q, options: o,
		failed: map[cairn.Position]bool{}, parked: map[string]cairn.Position{},
	}, errors.Join(p.check(), err)
}

func (o *AsOfOptions) check() error {
	if o.Key == "" && o.Query == nil && !o.All {
		return &cairn.InvalidError{Field: "key", Problem: "give Key, Query or All: without them every event of the projection would be folded"}
	}
	return o.Query.Validate()
}

// undoable refuses what would leave traces, or fold on top of other rows.
func undoable(l Ledger, tables []string) error {
	if !l.Traits().Undoes {
		return &cairn.InvalidError{Field: "target", Problem: "it cannot take back a transaction that makes tables, so nothing can be tried in it (Traits.Undoes)"}
	}
	if len(tables) == 0 {
		return &cairn.InvalidError{Field: "tables", Problem: "a projection without Tables writes where its rows are, so it cannot be tried beside them"}
	}
	return nil
}

// errUndo ends a transaction whose work is done and that nobody shall see.
var errUndo = errors.New("projection: undone on purpose")

// mostLeftOut is how many events one AsOf leaves out at most.
const mostLeftOut = 256

// A folder folds events into tables that are taken back.
type folder[Tx any] struct {
	log        Log
	target     Target[Tx]
	projection *Projection[Tx]
	query      cairn.Query // of the projection and its handler together
	options    AsOfOptions
	read       func(ctx context.Context, tx Tx, n Names) error
	most       int            // how many events may be folded; zero is any number
	from       cairn.Position // only what comes after is folded

	// exam is the position of an event whose failure is what somebody wants to
	// know: it is not left out, whatever the projection's Failures say.
	exam cairn.Position

	single bool // events are applied one by one, because nobody knows which one failed
	failed map[cairn.Position]bool
	parked map[string]cairn.Position // since when
}

// fold tries until nothing fails that can be left out.
func (f *folder[Tx]) fold(ctx context.Context) error {
	for {
		err := f.attempt(ctx)
		if err == nil {
			return nil
		}
		if again, err := f.without(err); !again {
			return err
		}
	}
}

// attempt folds in one transaction and undoes it.
func (f *folder[Tx]) attempt(ctx context.Context) error {
	n := Names{Build: ScratchBuilds + rand.IntN(ScratchBuilds)}
	done := false
	err := f.target.Update(ctx, Change{}, func(ctx context.Context, tx Tx) error {
		done = false
		if err := f.inside(ctx, tx, n); err != nil {
			return err
		}
		done = true
		return errUndo
	})
	if err == nil {
		return errors.New("projection: the target has kept a transaction whose function has failed")
	}
	if done && errors.Is(err, errUndo) {
		return nil
	}
	return err
}

// inside is what happens in the transaction.
func (f *folder[Tx]) inside(ctx context.Context, tx Tx, n Names) error {
	if err := f.projection.setUp(ctx, tx, n); err != nil {
		return err
	}
	if err := f.apply(ctx, tx, n); err != nil {
		return err
	}
	if err := f.read(ctx, tx, n); err != nil {
		return &readError{err}
	}
	return nil
}

// A readError is the caller's own.
type readError struct{ error }

func (e *readError) Unwrap() error { return e.error }

// without prepares another attempt that leaves out what has failed, or says why
// there is none.
func (f *folder[Tx]) without(err error) (again bool, _ error) {
	if e, ok := errors.AsType[*readError](err); ok {
		return false, e.error
	}
	e, ok := errors.AsType[*foldError](err)
	switch {
	case !ok:
		return false, err
	case !e.sure && !f.single:
		f.single = true
		return true, nil
	case len(f.failed)+len(f.parked) >= mostLeftOut:
		return false, fmt.Errorf("projection %q: more than %d events fail: %w", f.projection.Name, mostLeftOut, e.failure(f.projection.Name, f.projection.Version))
	}
	failures := f.projection.Failures
	if e.event.Position == f.exam {
		failures = StopOnFailure
	}
	switch verdict(failures, e.err) {
	case SkipOnFailure:
		f.failed[e.event.Position] = true
	case ParkOnFailure:
		key, err := keyOf(f.projection.Key, &e.event)
		if err != nil {
			return false, f.keyless(&e.event, err)
		}
		f.parked[key] = e.event.Position
	default:
		return false, e.failure(f.projection.Name, f.projection.Version)
	}
	return true, nil
}

// keyless is the error of an event whose key cannot be told.
func (f *folder[Tx]) keyless(e *cairn.Recorded, err error) error {
	return (&foldError{*e, true, err}).failure(f.projection.Name, f.projection.Version)
}
