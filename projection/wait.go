package projection

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
)

// The pauses between two looks of a Wait.
const (
	firstPause = time.Millisecond
	mostPause  = 25 * time.Millisecond
)

// Wait returns when the build of a projection that readers see shows all that the
// log holds up to the token: the position that an append has returned. A query
// that is made afterwards sees what was appended.
//
//	r, err := store.Append(ctx, "account-7", …)
//	err = projection.Wait(ctx, store, target, "balances", r.Position)
//
// The token need not be an event of the projection's: Wait finds the last that is
// one. Events that were parked or skipped count as seen, because the projection
// is done with them; [WaitKey] tells. Another build may be switched to meanwhile:
// the answer is always about the one that readers see.
//
// Wait looks into the ledger and pauses in between, for 1 ms at first and 25 ms in
// the end; it reads no event that the projection has passed. When the deadline of
// ctx passes the error is a [*LateError], which [ErrLate] matches; when ctx ends
// in another way, its cause. A projection that nobody has begun yet is waited for.
// A token after the log's end is of another store, and a [*cairn.InvalidError];
// a read model of another store is a [*StoreError]. The zero token needs nothing.
//
// With a Key of its own and several Lanes, all lanes must have come as far as the
// last event up to the token. WaitKey asks for one lane only, and is quicker.
func Wait(ctx context.Context, log Log, ledger Ledger, name string, token cairn.Position) error {
	l, err := lookAt(log, ledger, name)
	if err != nil {
		return err
	}
	w := waiter{look: l, token: token, aim: func(b *Definition) aim { return allLanes(b, token) }}
	return w.wait(ctx)
}

// A waiter waits for one token.
type waiter struct {
	*look
	token cairn.Position
	aim   func(*Definition) aim

	known bool       // whether the store and the token have been checked
	build Definition // the one that readers see
	of    aim        // what it has to show
	at    LateError  // what was seen last
}

func (w *waiter) wait(ctx context.Context) error {
	w.at = LateError{Projection: w.name, Token: w.token, Err: fmt.Errorf("%w: nobody has looked yet", ErrUnknown)}
	for pause := firstPause; w.token > 0; pause = min(2*pause, mostPause) {
		seen, err := w.see(ctx)
		if seen {
			return nil
		}
		if err := w.hopeless(ctx, err); err != nil {
			return err
		}
		if !rest(ctx, pause) {
			return w.late(ctx)
		}
	}
	return nil
}

// see looks once. Builds may be switched between reading which one readers see
// and reading how far it is, so that the first is read again before the answer.
func (w *waiter) see(ctx context.Context) (bool, error) {
	b, err := w.active(ctx)
	if err != nil {
		return false, err
	}
	for {
		if w.of == nil || w.build.Build != b.Build {
			w.build, w.of = b, w.aim(&b)
		}
		shows, err := w.shows(ctx)
		if !shows || err != nil {
			return false, err
		}
		if b, err = w.active(ctx); err != nil || b.Build == w.build.Build {
			return err == nil, err
		}
	}
}

// active is the build that readers see.
func (w *waiter) active(ctx context.Context) (Definition, error) {
	d, err := w.deployment(ctx)
	if err != nil {
		return Definition{}, err
	}
	if err := w.check(ctx, d.Store); err != nil {
		return Definition{}, err
	}
	return w.look.build(&d, 0)
}

// check makes sure, once, that token and read model are of the log's store.
func (w *waiter) check(ctx context.Context, built cairn.ID) error {
	if w.known {
		return nil
	}
	info, err := w.log.Info(ctx)
	switch {
	case err != nil:
		return err
	case info.ID != built:
		return &StoreError{Projection: w.name, Built: built, Here: info.ID}
	case w.token > info.Head:
		return &cairn.InvalidError{
			Field:   tokenField,
			Problem: fmt.Sprintf("position %d is after the end of the log, %d: it is of another store", w.token, info.Head),
			Limit:   int64(info.Head),
		}
	}
	w.known = true
	return nil
}

// shows reports whether the build shows what the token asks for.
func (w *waiter) shows(ctx context.Context) (bool, error) {
	lanes, err := w.lanes(ctx, &w.build)
	if err != nil {
		return false, err
	}
	need, at, err := w.of.behind(ctx, w.log, lanes)
	w.at = LateError{Projection: w.name, Token: w.token, Build: w.build.Build, Need: need, At: at}
	return err == nil && need <= at, err
}

// hopeless is the error with which waiting makes no sense, if there is one.
func (w *waiter) hopeless(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return w.late(ctx)
	case errors.Is(err, ErrUnknown):
		w.at = LateError{Projection: w.name, Token: w.token, Err: err}
	case err != nil && w.ledger.Fault(err) != FaultAgain:
		return err
	}
	return nil
}

// rest pauses, and reports whether there is time left.
func rest(ctx context.Context, pause time.Duration) bool {
	t := time.NewTimer(pause)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
