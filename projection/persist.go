package projection

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// How long to wait between attempts at what is not an event's fault.
const (
	atOnce     = 10 // how often a transaction that lost is tried again at once
	againFirst = 5 * time.Millisecond
	againMost  = time.Second
	downFirst  = 50 * time.Millisecond
	downMost   = 5 * time.Second
)

// persist runs do until it is done, for as long as the database says that it can
// go better the next time. do finds out itself whether it was done already.
func (r *runner[Tx]) persist(ctx context.Context, do func(ctx context.Context) error) error {
	p := patience[Tx]{r: r}
	for {
		err := do(ctx)
		if err == nil || errors.Is(err, ErrMoved) {
			p.end()
			return err
		}
		if err := p.wait(ctx, err); err != nil {
			return err
		}
	}
}

// A patience is the pauses of one thing that is tried again and again.
type patience[Tx any] struct {
	r     *runner[Tx]
	lost  int // in a row
	down  int // in a row
	since time.Time
}

// wait waits until there should be another attempt. It returns the error if there
// is no hope in that.
func (p *patience[Tx]) wait(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	pause := time.Duration(0)
	switch p.r.target.Fault(err) {
	case FaultAgain:
		if p.lost++; p.lost > atOnce {
			pause = backoff(p.lost-atOnce, againFirst, againMost)
		}
	case FaultDown:
		pause = p.isDown(err)
	case FaultSetup:
		return fmt.Errorf("projection %q: somebody has to look after the database: %w", p.r.p.Name, err)
	default:
		return err
	}
	if pause > 0 && !rest(ctx, pause) {
		return context.Cause(ctx)
	}
	return nil
}

func (p *patience[Tx]) isDown(err error) time.Duration {
	if p.down++; p.down == 1 {
		p.since = time.Now()
	}
	p.r.down.Store(&err)
	pause := backoff(p.down, downFirst, downMost)
	p.r.o.Logger.Warn("the database of a projection is down", "projection", p.r.p.Name, "again", pause, "error", err)
	if p.r.o.OnDown != nil {
		p.r.o.OnDown(err, pause)
	}
	return pause
}

// end is called when the database has answered.
func (p *patience[Tx]) end() {
	if p.down > 0 {
		p.r.down.Store(nil)
		p.r.o.Logger.Info("the database of a projection is back", "projection", p.r.p.Name, "down", time.Since(p.since))
		if p.r.o.OnUp != nil {
			p.r.o.OnUp(time.Since(p.since))
		}
	}
	p.lost, p.down = 0, 0
}
