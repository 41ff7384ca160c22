package rpc

import (
	"context"
	"sync"
)

// endless are the reads that may wait for ever, so that they can be ended. There
// may be very many: each costs an entry here and no goroutine.
type endless struct {
	mu    sync.Mutex
	ended bool
	next  int
	reads map[int]context.CancelCauseFunc
}

// enter returns a context for a read that also ends when all of them do. The
// returned function takes the read out.
func (e *endless) enter(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.ended {
		cancel(errShutdown)
	}
	if e.reads == nil {
		e.reads = map[int]context.CancelCauseFunc{}
	}
	e.next++
	n := e.next
	e.reads[n] = cancel
	return ctx, func() { e.leave(n, cancel) }
}

func (e *endless) leave(n int, cancel context.CancelCauseFunc) {
	cancel(nil)
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.reads, n)
}

// end ends them all, and those that come later.
func (e *endless) end() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ended = true
	for _, cancel := range e.reads {
		cancel(errShutdown)
	}
}
