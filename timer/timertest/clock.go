// Package timertest has a clock that is turned by hand, for tests of what waits.
//
//	clock := timertest.NewClock(time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC))
//	go timer.Run(ctx, store, timer.Options{Clock: clock})
//	...
//	clock.Advance(24 * time.Hour) // what is due within a day fires now
//
// Firing goes on in the background, so a test waits for the event, by following its
// stream.
package timertest

import (
	"sync"
	"time"

	"github.com/cairndb/cairn/timer"
)

// A Clock stands still until it is turned. Its methods may be called concurrently.
type Clock struct {
	mu      sync.Mutex
	now     time.Time
	waiters []waiter
}

var _ timer.Clock = (*Clock)(nil)

type waiter struct {
	at time.Time
	c  chan time.Time
}

// NewClock returns a clock that shows a time.
func NewClock(now time.Time) *Clock { return &Clock{now: now} }

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Until returns a channel that receives when the clock has reached t, or is set to
// an earlier time.
func (c *Clock) Until(t time.Time) <-chan time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := waiter{t, make(chan time.Time, 1)}
	if !c.now.Before(t) {
		w.c <- c.now
		return w.c
	}
	c.waiters = append(c.waiters, w)
	return w.c
}

// Advance turns the clock by d.
func (c *Clock) Advance(d time.Duration) { c.Set(c.Now().Add(d)) }

// Set sets the clock, forward or back.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	back := now.Before(c.now)
	c.now = now
	rest := c.waiters[:0]
	for _, w := range c.waiters {
		if back || !now.Before(w.at) {
			w.c <- now
		} else {
			rest = append(rest, w)
		}
	}
	clear(c.waiters[len(rest):])
	c.waiters = rest
}
