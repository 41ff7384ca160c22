package inbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
)

// A Store is what an inbox needs of a cairn.Store.
type Store interface {
	cairn.Appender
	cairn.Committer
	cairn.StreamReader
	cairn.LogReader
	cairn.Inspector
}

// An Inbox remembers what was handled. It has no goroutine and nothing to
// close. Any number of them, in any number of processes, share what they
// remember if they have the same name and store. All methods may be called
// concurrently.
type Inbox struct {
	store  Store
	name   string
	o      Options
	window window
}

// Open makes an inbox over what the store remembers under a name. A malformed
// name or option is a [*cairn.InvalidError].
func Open(ctx context.Context, store Store, name string, o Options) (*Inbox, error) {
	if err := ValidateName(name); err != nil {
		return nil, err
	}
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	in := &Inbox{store: store, name: name, o: o}
	in.window.take(o.SweepEvery)
	return in, in.Sweep(ctx)
}

// Handler is [Inbox.Handle] as a broker.Subscriber wants it.
func (in *Inbox) Handler(handle func(context.Context, broker.Delivery) (cairn.Batch, error)) func(context.Context, broker.Delivery) error {
	return func(ctx context.Context, d broker.Delivery) error { return in.Handle(ctx, d, handle) }
}

// Handle handles a delivery unless that was done before: it calls handle and
// commits the batch that this returns together with the mark that the delivery
// was handled. Nil means that the effect is stored, by this call or an earlier
// one, so the delivery can be acknowledged. After any error nothing is stored,
// but for one that matches [cairn.ErrUnknownOutcome]; handling the delivery again
// is always right.
//
// Handle may be called several times, also when nothing comes of it, so what it
// does must be in the batch it returns. An empty one is an effect too: the
// delivery is marked. The batch must not have a key: it is stored once without.
// An error of handle is returned as it is, and nothing is marked.
func (in *Inbox) Handle(ctx context.Context, d broker.Delivery, handle func(context.Context, broker.Delivery) (cairn.Batch, error)) error {
	return in.Once(ctx, ArrivalOf(d), func(ctx context.Context) (cairn.Batch, error) { return handle(ctx, d) })
}

// Once is Handle for what did not come from a broker: a request with an
// idempotency key, a line of a file.
func (in *Inbox) Once(ctx context.Context, a Arrival, handle func(context.Context) (cairn.Batch, error)) error {
	if err := in.o.Admit(in.name, a, &in.o.Hooks); err != nil {
		return err
	}
	if in.window.take(in.o.SweepEvery) {
		if err := in.Sweep(ctx); err != nil {
			return fmt.Errorf("inbox: sweep %q: %w", in.name, err)
		}
	}
	var err error
	for range in.o.Attempts {
		if err = in.attempt(ctx, a, handle); !errors.Is(err, errAgain) {
			return err
		}
	}
	return fmt.Errorf("inbox: what handles %q of source %q has conflicted %d times in a row: %w", a.ID, a.Source, in.o.Attempts, err)
}

// errAgain is matched by a conflict after which handling again will tell more.
var errAgain = errors.New("inbox: try again")

// conflict is a conflict that is worth another attempt.
type conflict struct{ error }

func (c conflict) Unwrap() error        { return c.error }
func (c conflict) Is(target error) bool { return target == errAgain }

// attempt looks for the mark, and handles the arrival if there is none. That
// nobody else has done so meanwhile is the condition of the commit.
func (in *Inbox) attempt(ctx context.Context, a Arrival, handle func(context.Context) (cairn.Batch, error)) error {
	after, t := in.window.position(), tag(in.name, a.Key())
	e, ok, err := find(ctx, in.store, t, after)
	if err != nil {
		return err
	}
	if ok {
		return in.repeated(a, &e)
	}
	b, err := handle(ctx)
	if err != nil {
		return err
	}
	if b, err = in.marked(b, a, cairn.NoneAfter(after, cairn.ByTag(t))); err != nil {
		return err
	}
	if _, err := in.store.Commit(ctx, b); errors.Is(err, cairn.ErrConflict) {
		return conflict{err}
	} else if err != nil {
		return err
	}
	in.o.Done(a)
	return nil
}

// marked is a handler's batch with the mark and its condition. It shares nothing
// with what the handler may still hold.
func (in *Inbox) marked(b cairn.Batch, a Arrival, unmarked cairn.Condition) (cairn.Batch, error) {
	if b.Key != "" {
		return b, &cairn.InvalidError{Field: "key", Problem: "must be empty: what an inbox handles is stored once without"}
	}
	e, err := markOf(in.name, a)
	if err != nil {
		return b, err
	}
	write := cairn.Write{Stream: stream(in.name), Expected: cairn.Any, Events: []cairn.Event{e}}
	return cairn.Batch{
		Writes:     append(b.Writes[:len(b.Writes):len(b.Writes)], write),
		Conditions: append(b.Conditions[:len(b.Conditions):len(b.Conditions)], unmarked),
	}, nil
}

func (in *Inbox) repeated(a Arrival, mark *cairn.Recorded) error {
	handled, err := content(mark)
	if err != nil {
		return err
	}
	return in.o.Repeated(in.name, a, handled, mark.Time, &in.o.Hooks)
}
