package client

import (
	"context"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
)

// submit queues calls, in their order.
func (w *writer) submit(list ...*call) error {
	if len(list) == 0 {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return cairn.ErrClosed
	}
	for _, c := range list {
		w.last++
		c.number, c.listed = w.last, true
		if !w.up {
			w.limit(c)
		}
	}
	w.queue = append(w.queue, list...)
	w.signal()
	return nil
}

// limit ends the waiting of a call that comes while there is no connection.
func (w *writer) limit(c *call) {
	number := c.number
	c.timed = true
	c.timer = time.AfterFunc(w.client.options.MaxWait, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if c.number == number && !w.up {
			w.drop(c, unavailable(w.client.address.Host, w.reason()))
		}
	})
}

// reason is why there is no connection.
func (w *writer) reason() error {
	if w.why == nil {
		return fmt.Errorf("no answer for %v", w.client.options.MaxWait)
	}
	return w.why
}

// wait returns when the call is done, or has to do without an answer because ctx
// has ended.
func (w *writer) wait(ctx context.Context, c *call) {
	select {
	case <-c.done:
		return
	case <-ctx.Done():
	}
	defer time.AfterFunc(grace, w.lapse(c, context.Cause(ctx))).Stop()
	<-c.done
}

// lapse notes that the caller's context has ended. What was not sent is not stored;
// what was is about to be answered, unless there is no connection. The returned
// function ends the waiting in any case.
func (w *writer) lapse(c *call, cause error) func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	number := c.number
	c.timed, c.lapsed = true, cause
	if !w.up || !c.sent {
		w.drop(c, cause)
	}
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if c.number == number {
			w.drop(c, cause)
		}
	}
}

// drop finishes a call that was not answered. It stays in its list.
func (w *writer) drop(c *call, why error) {
	if c.sent {
		why = unknown(why)
	}
	w.finish(c, cairn.Outcome{Err: why})
}

// finish hands the outcome to the caller.
func (w *writer) finish(c *call, o cairn.Outcome) {
	if c.finished {
		return
	}
	c.finished, c.outcome = true, o
	if c.timer != nil {
		c.timer.Stop()
	}
	c.done <- struct{}{}
}

// answer takes an outcome from the server. The call is in no list any more.
func (w *writer) answer(c *call, o cairn.Outcome) {
	w.head = max(w.head, o.Position)
	w.bytes -= len(c.body)
	if c.finished {
		return
	}
	c.listed = false
	switch {
	case o.Err != nil && c.doubtful:
		o.Err = unknown(o.Err)
	case o.Duplicate && c.blind:
		o.Duplicate = false
	}
	w.finish(c, o)
}
