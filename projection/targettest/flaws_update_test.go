package targettest

import (
	"context"
	"errors"
	"runtime"
	"slices"

	"github.com/cairndb/cairn/projection"
)

// nothing is a function for Update that writes nothing.
func nothing(context.Context, memTx) error { return nil }

// dawdle lets others look.
func dawdle() {
	for range 100 {
		runtime.Gosched()
	}
}

type memUpdate = func(ctx context.Context, c projection.Change, fn memFn) error

// updates breaks Update.
func updates(broken func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error) func(b *breakable) {
	return func(b *breakable) {
		good := b.update
		b.update = func(ctx context.Context, c projection.Change, fn memFn) error { return broken(ctx, good, c, fn) }
	}
}

var updateFlaws = []flaw{
	{name: "nothing is compared", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
		dawdle()
		return good(ctx, projection.Change{Put: c.Put}, fn)
	}), caughtBy: []string{"Expect/One", "Expect/All", "Expect/Only", "Expect/BeforeTheFunction", "Races/OneWins", "Races/Counting", "FirstUse/Founders", "Lanes/PausedOwner"}},
	{name: "what must not be there is not looked for", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
		c.Expect = slices.DeleteFunc(slices.Clone(c.Expect), func(e projection.Entry) bool { return e.Value == "" })
		return good(ctx, c, fn)
	}), caughtBy: []string{"Expect/One", "Expect/BeforeTheFunction", "FirstUse/Founders"}},
	{name: "the first expectation counts", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
		c.Expect = c.Expect[:min(len(c.Expect), 1)]
		return good(ctx, c, fn)
	}), caughtBy: []string{"Expect/All", "Expect/BeforeTheFunction"}},
	{name: "the function runs first", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
		var failure error
		err := good(ctx, projection.Change{}, func(ctx context.Context, tx memTx) error {
			failure = fn(ctx, tx)
			return errEnough
		})
		if failure != nil {
			return failure
		}
		if !errors.Is(err, errEnough) {
			return err
		}
		return good(ctx, c, fn)
	}), caughtBy: []string{"Expect/BeforeTheFunction"}},
	{name: "compared before and not after", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
		if err := good(ctx, projection.Change{Expect: c.Expect}, nothing); err != nil {
			return err
		}
		dawdle()
		return good(ctx, projection.Change{Put: c.Put}, fn)
	}), caughtBy: []string{"Lanes/PausedOwner", "Expect/Meanwhile", "Races/OneWins", "Races/Counting"}},
	{name: "rows are written though the entry has moved", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
		err := good(ctx, c, fn)
		if errors.Is(err, projection.ErrMoved) {
			_ = good(ctx, projection.Change{}, fn)
		}
		return err
	}), caughtBy: []string{"Expect/BeforeTheFunction", "Races/OneWins"}},
	{name: "rows stay though the function failed", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
		var failure error
		if err := good(ctx, projection.Change{Expect: c.Expect}, func(ctx context.Context, tx memTx) error {
			failure = fn(ctx, tx)
			return nil
		}); err != nil || failure != nil {
			return errors.Join(err, failure)
		}
		return good(ctx, c, nothing)
	}), caughtBy: []string{"Undo/All"}},
	{name: "entries stay though the function failed", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
		err := good(ctx, c, fn)
		if errors.Is(err, errEnough) {
			_ = good(ctx, c, nothing)
		}
		return err
	}), caughtBy: []string{"Undo/Errors", "Undo/All"}},
	{name: "errors arrive as text", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
		err := good(ctx, c, fn)
		if err != nil && !errors.Is(err, projection.ErrMoved) {
			return errors.New(err.Error())
		}
		return err
	}), caughtBy: []string{"Undo/Errors", "Contexts/Ended", "Contexts/EndUpdates"}},
	{name: "a context's end does not matter", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
		return good(context.WithoutCancel(ctx), c, fn)
	}), caughtBy: []string{"Contexts/Ended", "Contexts/EndUpdates", "Contexts/ReachHandlers"}},
	{name: "not why the context has ended", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
		if err := good(ctx, c, fn); err == nil || ctx.Err() == nil {
			return err
		}
		return ctx.Err()
	}), caughtBy: []string{"Contexts/Ended", "Contexts/EndUpdates"}},
	{name: "one at a time", waits: true, target: locked(nil), caughtBy: []string{"Lanes/SideBySide"}},
	{name: "waiting goes on for ever", waits: true, target: locked(context.WithoutCancel), caughtBy: []string{"Contexts/EndWaiting"}},
	{name: "failures keep their connection", waits: true, target: leaking(func(err error, panicked bool) bool { return err != nil }), caughtBy: []string{"Undo/Errors"}},
	{name: "panics keep their connection", waits: true, target: leaking(func(_ error, panicked bool) bool { return panicked }), caughtBy: []string{"Undo/Panics"}},
	{name: "panics are well", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) (err error) {
		defer func() {
			if recover() != nil {
				err = good(ctx, c, nothing)
			}
		}()
		return good(ctx, c, fn)
	}), caughtBy: []string{"Undo/Panics"}},
	{name: "rows before entries", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
		if err := good(ctx, projection.Change{Expect: c.Expect}, fn); err != nil {
			return err
		}
		dawdle()
		return good(ctx, c, nothing)
	}), caughtBy: []string{"Races/OneWins", "Races/Counting"}},
	{name: "entries before rows", target: updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
		if err := good(ctx, c, nothing); err != nil {
			return err
		}
		dawdle()
		return good(ctx, projection.Change{}, fn)
	}), caughtBy: []string{"Rows/BehindEntries", "Undo/Errors", "Undo/All"}},
}

// locked lets one update in at a time.
func locked(wait func(context.Context) context.Context) func(b *breakable) {
	return func(b *breakable) {
		free := make(chan struct{}, 1)
		updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
			waits := ctx
			if wait != nil {
				waits = wait(ctx)
			}
			select {
			case free <- struct{}{}:
			case <-waits.Done():
				return context.Cause(ctx)
			}
			defer func() { <-free }()
			return good(ctx, c, fn)
		})(b)
	}
}

// leaking has few connections, and does not always get them back.
func leaking(keeps func(err error, panicked bool) bool) func(b *breakable) {
	return func(b *breakable) {
		pool := make(chan struct{}, 8)
		updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) (err error) {
			select {
			case pool <- struct{}{}:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			panicked := true
			defer func() {
				if !keeps(err, panicked) {
					<-pool
				}
			}()
			err = good(ctx, c, fn)
			panicked = false
			return err
		})(b)
	}
}
