package decider

import (
	"context"
	"math/rand/v2"
	"time"
)

// patience counts the attempts of one decision and spaces them.
type patience struct {
	attempts, limit int
	first, longest  time.Duration
}

const (
	defaultAttempts   = 256
	defaultFirstDelay = time.Millisecond
	defaultMaxDelay   = 200 * time.Millisecond
)

func (d *Decider[S, E]) patience() *patience {
	return &patience{limit: d.options.MaxAttempts, first: d.options.FirstDelay, longest: d.options.MaxDelay}
}

// wait returns when it is time for another attempt, or why there is none.
func (p *patience) wait(ctx context.Context, last error) error {
	if p.attempts >= p.limit {
		return &GaveUpError{Attempts: p.attempts, Last: last}
	}
	t := time.NewTimer(rand.N(p.bound() + 1))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return &GaveUpError{Attempts: p.attempts, Cause: context.Cause(ctx), Last: last}
	}
}

// bound is how long to wait at most before the next attempt. The time itself is
// drawn from all of it ("full jitter"), which spreads those who collide best.
func (p *patience) bound() time.Duration {
	bound := min(p.first, p.longest)
	for i := 1; i < p.attempts && bound < p.longest; i++ {
		bound = min(2*bound, p.longest)
	}
	return bound
}
