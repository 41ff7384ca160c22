package grouptest

import (
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/cairndb/cairn"
)

// ErrCut is the error of a store that was cut off.
var ErrCut = errors.New("grouptest: the store was cut off")

// A Cuttable is a store as one member of a group sees it, who can be cut off
// from it for good, as if killed, or paused, as if its machine stood still. Its
// methods may be called concurrently.
type Cuttable struct {
	cairn.Store
	gone context.Context
	end  context.CancelFunc

	mu   sync.Mutex
	gate chan struct{} // open if closed
}

// NewCuttable wraps a store. Closing the Cuttable closes the store.
func NewCuttable(store cairn.Store) *Cuttable {
	c := &Cuttable{Store: store, gate: make(chan struct{})}
	close(c.gate)
	c.gone, c.end = context.WithCancel(context.Background())
	return c
}

// Cut makes every call fail with [ErrCut], those under way too. What they were to
// write may or may not be stored.
func (c *Cuttable) Cut() { c.end() }

// Pause makes calls wait, and answers and events too, until the function that
// it returns is called.
func (c *Cuttable) Pause() (resume func()) {
	gate := make(chan struct{})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gate = gate
	return sync.OnceFunc(func() { close(gate) })
}

// pass waits while the store is paused.
func (c *Cuttable) pass(ctx context.Context) error {
	c.mu.Lock()
	gate := c.gate
	c.mu.Unlock()
	select {
	case <-gate:
	case <-ctx.Done():
	case <-c.gone.Done():
	}
	if c.gone.Err() != nil {
		return ErrCut
	}
	return context.Cause(ctx)
}

// call makes a call that can be cut off before, meanwhile and after.
func call[T any](ctx context.Context, c *Cuttable, do func(context.Context) (T, error)) (T, error) {
	var none T
	if err := c.pass(ctx); err != nil {
		return none, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(c.gone, func() { cancel(ErrCut) })()
	v, err := do(ctx)
	if err := c.pass(context.WithoutCancel(ctx)); err != nil {
		return none, err
	}
	return v, err
}

// Append implements [cairn.Appender].
func (c *Cuttable) Append(ctx context.Context, stream string, expected cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	return call(ctx, c, func(ctx context.Context) (cairn.Receipt, error) {
		return c.Store.Append(ctx, stream, expected, events...)
	})
}

// Commit implements [cairn.Committer].
func (c *Cuttable) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	return call(ctx, c, func(ctx context.Context) (cairn.BatchReceipt, error) { return c.Store.Commit(ctx, b) })
}

// CommitEach implements [cairn.BulkCommitter].
func (c *Cuttable) CommitEach(ctx context.Context, batches []cairn.Batch) []cairn.Outcome {
	all, err := call(ctx, c, func(ctx context.Context) ([]cairn.Outcome, error) {
		return cairn.CommitEach(ctx, c.Store, batches), nil
	})
	if err != nil {
		all = make([]cairn.Outcome, len(batches))
		for i := range all {
			all[i].Err = err
		}
	}
	return all
}

// Info implements [cairn.Inspector].
func (c *Cuttable) Info(ctx context.Context) (cairn.Info, error) { return call(ctx, c, c.Store.Info) }

// StreamInfo implements [cairn.Inspector].
func (c *Cuttable) StreamInfo(ctx context.Context, stream string) (cairn.StreamInfo, error) {
	return call(ctx, c, func(ctx context.Context) (cairn.StreamInfo, error) { return c.Store.StreamInfo(ctx, stream) })
}

// ReadStream implements [cairn.StreamReader].
func (c *Cuttable) ReadStream(ctx context.Context, stream string, o cairn.ReadOptions) iter.Seq2[cairn.Recorded, error] {
	return c.read(ctx, func(ctx context.Context) iter.Seq2[cairn.Recorded, error] { return c.Store.ReadStream(ctx, stream, o) })
}

// ReadAll implements [cairn.LogReader].
func (c *Cuttable) ReadAll(ctx context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return c.read(ctx, func(ctx context.Context) iter.Seq2[cairn.Recorded, error] { return c.Store.ReadAll(ctx, o) })
}

func (c *Cuttable) read(ctx context.Context, do func(context.Context) iter.Seq2[cairn.Recorded, error]) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		defer context.AfterFunc(c.gone, func() { cancel(ErrCut) })()
		for e, err := range do(ctx) {
			if cut := c.pass(ctx); cut != nil {
				e, err = cairn.Recorded{}, cut
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}
