package access

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/cairndb/cairn"
)

// A watch follows what decides who may do what, so that it can be remembered
// without being out of date.
//
// What must hold: a check counts every change that was acknowledged before it
// began. Looking each of the streams concerned up in the store gives that, but
// costs as much as a small append. So there is one follower of the log for all
// of them, which has whatever changed forgotten and then says how far it has
// come. A check compares that with the head of the store, which is one load of
// a number. If the follower is there, what is remembered is what is stored. If
// it is behind, because others write all the time, or because it has failed, the
// check asks the store whether the streams concerned are as they were. Every
// commit wakes the follower, which is what a server pays for having users.
type watch struct {
	store  cairn.Store
	logger *slog.Logger

	reached atomic.Uint64                 // every change up to this position was handled; zero once it has ended
	forget  func(stream string)           // what was remembered of a stream
	changed atomic.Pointer[chan struct{}] // closed at the next change

	cancel context.CancelFunc
	done   sync.WaitGroup
}

// watched is what decides: metadata of streams, settings, users.
var watched = cairn.Query{{Prefixes: []string{metaPrefix, userPrefix}}, {Streams: []string{settingsStream}}}

const metaPrefix = "$$"

// start begins to follow behind the head, as nothing is remembered yet.
func (w *watch) start(ctx context.Context) error {
	info, err := w.store.Info(ctx)
	if err != nil {
		return err
	}
	w.changed.Store(new(make(chan struct{})))
	ctx, w.cancel = context.WithCancel(context.WithoutCancel(ctx)) // it outlives the call that starts it
	w.done.Go(func() { w.follow(ctx, info.Head) })
	return nil
}

func (w *watch) follow(ctx context.Context, after cairn.Position) {
	defer w.reached.Store(0)
	for e, err := range w.store.ReadAll(ctx, cairn.AllOptions{
		After: after, Query: watched, Follow: true, EachHead: true,
		CaughtUp: func(p cairn.Position) { w.reached.Store(uint64(p)) },
	}) {
		if err != nil {
			w.failed(ctx, err)
			return
		}
		w.handle(e.Stream)
	}
}

func (w *watch) handle(stream string) {
	w.forget(stream)
	if described, ok := cairn.DescribedStream(stream); ok {
		w.forget(described)
	}
	close(*w.changed.Swap(new(make(chan struct{}))))
}

func (w *watch) failed(ctx context.Context, err error) {
	if ctx.Err() == nil {
		w.logger.Warn("access: nothing can be remembered any more, as the log cannot be followed", "error", err)
	}
}

// current reports whether what is remembered is what is stored.
func (w *watch) current(ctx context.Context) (bool, error) {
	info, err := w.store.Info(ctx)
	if err != nil {
		return false, err
	}
	reached := w.reached.Load()
	return reached > 0 && reached >= uint64(info.Head), nil
}

// close ends the follower and waits for it.
func (w *watch) close() {
	w.cancel()
	w.done.Wait()
}
