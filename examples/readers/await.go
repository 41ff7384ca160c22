package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// watch waits for one process only from now on; nil is for all.
func (c *crew) watch(p *process) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watched = p
}

// soon waits until something is so, however much goes on meanwhile.
func (c *crew) soon(ctx context.Context, what string, so func() bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.Patience, fmt.Errorf("there is still no sign of %s after %v", what, c.Patience))
	defer cancel()
	return c.until(ctx, what, so)
}

// until waits until something is so. Those who are stopped and keep others from
// going on are woken.
func (c *crew) until(ctx context.Context, what string, so func() bool) error {
	return c.during(ctx, what, func(ctx context.Context) error {
		look := time.NewTicker(2 * time.Millisecond)
		defer look.Stop()
		for !so() {
			select {
			case <-look.C:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		return nil
	})
}

// during does something as long as others go on with theirs: if all are silent for
// too long it fails, and if somebody ends.
func (c *crew) during(ctx context.Context, what string, do func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan error, 1)
	go func() { done <- do(ctx) }()
	heard := time.Now()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-c.moved:
			heard = time.Now()
			continue
		case <-look.C:
		}
		err := c.muster()
		if silent := time.Since(heard); silent > c.Patience {
			err = errors.Join(err, fmt.Errorf("nothing has come further for %v, waiting for %s", c.Patience, what))
		} else if silent > 4*c.Lease {
			c.wake()
		}
		if err != nil {
			cancel(err)
			return errors.Join(err, ignore(<-done, err))
		}
	}
}

// ignore leaves out an error that says the same as another one.
func ignore(err, other error) error {
	if errors.Is(err, other) || errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
