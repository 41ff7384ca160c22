package broker

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cairndb/cairn/group"
)

// A circuit has all workers of a relay wait for their broker together. When one
// of them finds it unavailable, all hold what they have; one at a time tries
// again, ever more seldom, until the broker takes something.
type circuit struct {
	backoff   func(failures int) time.Duration
	onHeld    func(failures int, after time.Duration, err error)
	onResumed func(held time.Duration)

	turn chan struct{} // holds the right to try, while the circuit is open

	mu       sync.Mutex
	failures int           // in a row; zero when the circuit is closed
	since    time.Time     // when the first of them was
	due      time.Time     // when to try next
	resumed  chan struct{} // closed when the broker is back
}

func newCircuit(most time.Duration) *circuit {
	return &circuit{backoff: group.Jitter(min(100*time.Millisecond, most), most), turn: make(chan struct{}, 1)}
}

// enter waits for the broker. Whoever enters has to leave; first says that it is
// this one's turn to try.
func (c *circuit) enter(ctx context.Context) (first bool, err error) {
	for {
		resumed := c.waiting()
		if resumed == nil {
			return false, context.Cause(ctx)
		}
		select {
		case <-resumed:
		case <-ctx.Done():
			return false, context.Cause(ctx)
		case <-c.turn:
			return c.try(ctx)
		}
	}
}

func (c *circuit) waiting() chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failures == 0 {
		return nil
	}
	return c.resumed
}

// try waits until it is time, with the right to try.
func (c *circuit) try(ctx context.Context) (bool, error) {
	c.mu.Lock()
	after := time.Until(c.due)
	c.mu.Unlock()
	rest(ctx, after)
	if err := context.Cause(ctx); err != nil {
		c.turn <- struct{}{}
		return false, err
	}
	return true, nil
}

// leave takes note of what came of publishing, and reports whether the broker
// was unavailable. Any answer of the broker shows that it is there.
func (c *circuit) leave(ctx context.Context, first bool, err error) (held bool) {
	silent := err != nil && ctx.Err() != nil || errors.Is(err, ErrClosed)
	switch held = !silent && errors.Is(err, ErrUnavailable); {
	case held:
		c.open(first, err)
	case first && silent:
		c.turn <- struct{}{}
	case first:
		c.close()
	}
	return held
}

func (c *circuit) open(first bool, err error) {
	c.mu.Lock()
	if c.failures > 0 && !first {
		c.mu.Unlock()
		return
	}
	if c.failures == 0 {
		c.since, c.resumed = time.Now(), make(chan struct{})
	}
	c.failures++
	n, after := c.failures, c.backoff(c.failures)
	c.due = time.Now().Add(after)
	c.mu.Unlock()
	defer func() { c.turn <- struct{}{} }() // even if the hook panics
	c.onHeld(n, after, err)
}

func (c *circuit) close() {
	c.mu.Lock()
	held := time.Since(c.since)
	c.failures = 0
	close(c.resumed)
	c.mu.Unlock()
	c.onResumed(held)
}
