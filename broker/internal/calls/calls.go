// Package calls counts who is inside something that is going to be closed.
package calls

import (
	"context"
	"sync"

	"github.com/cairndb/cairn/broker"
)

// Calls are those under way. The zero value is open.
type Calls struct {
	mu     sync.Mutex
	n      int
	closed bool
	empty  chan struct{} // closed when the last one has left a closed door
}

// Enter begins a call, which ends with [Calls.Leave], unless it is too late: then
// it is [broker.ErrClosed].
func (c *Calls) Enter() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return broker.ErrClosed
	}
	c.n++
	return nil
}

// Go runs what belongs to a call that is under way, and may outlast it. Closing
// waits for that too.
func (c *Calls) Go(f func()) {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
	go func() {
		defer c.Leave()
		f()
	}()
}

// Leave ends a call.
func (c *Calls) Leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n--; c.closed && c.n == 0 {
		close(c.empty)
	}
}

// Close lets nobody in any more, and waits until all have left, or ctx has ended:
// then it returns its cause. First says whether nobody had closed it before.
func (c *Calls) Close(ctx context.Context) (first bool, err error) {
	c.mu.Lock()
	if first = !c.closed; first {
		c.closed, c.empty = true, make(chan struct{})
		if c.n == 0 {
			close(c.empty)
		}
	}
	c.mu.Unlock()
	select {
	case <-c.empty:
		return first, nil
	case <-ctx.Done():
		return first, context.Cause(ctx)
	}
}
