package client

import (
	"context"
	"math/rand/v2"
	"time"
)

// A pacer waits between attempts: longer after each, up to a second, and never
// exactly as long as others do.
type pacer struct{ attempts int }

// wait returns early, with its cause, if ctx ends.
func (p *pacer) wait(ctx context.Context) error {
	most := min(10*time.Millisecond<<min(p.attempts, 10), time.Second)
	p.attempts++
	timer := time.NewTimer(most/2 + rand.N(most/2))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
