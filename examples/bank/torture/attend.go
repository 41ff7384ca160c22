package torture

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// An ending is how a turn ends.
type ending int

const (
	killed  ending = iota // while the workers are at work
	early                 // while it opens the store or audits
	closing               // after it was told to stop
	inOrder
)

// How long to wait at most before a turn is killed that opens, or closes.
const (
	earlyKill   = 50 * time.Millisecond
	closingKill = 10 * time.Millisecond
)

// String is what the log says.
func (e ending) String() string {
	return [...]string{"killed", "killed early", "killed while closing", "ended in good order"}[e]
}

// draw decides how the next turn ends: of twelve, seven are killed at work, two
// early and one while closing.
func (c *campaign) draw() ending {
	if c.NoKill || c.Start == nil {
		return inOrder
	}
	switch n := c.dice.IntN(12); {
	case n < 7:
		return killed
	case n < 9:
		return early
	case n < 10:
		return closing
	}
	return inOrder
}

func (c *campaign) upTo(d time.Duration) time.Duration {
	return time.Duration(c.dice.Int64N(int64(d)) + 1)
}

// turn gives the next process the store, and takes it away again.
func (c *campaign) turn(ctx context.Context, number uint32) error {
	p := c.standby[0]
	c.standby = c.standby[1:]
	how := c.draw()
	fmt.Fprintf(c.Log, "turn %4d  ", number)
	err := p.tell(order{Do: doTurn, Turn: number, Settings: c.settings()})
	if err == nil {
		err = c.attend(ctx, p, how)
	}
	err = errors.Join(err, c.finish(p, how, err))
	if err == nil {
		fmt.Fprintln(c.Log, how)
	}
	return err
}

// attend stays with a turn until it is time to end it.
func (c *campaign) attend(ctx context.Context, p *process, how ending) error {
	if how == early {
		return pause(ctx, c.upTo(earlyKill))
	}
	opened, err := p.hear(ctx, saidOpened)
	if err != nil {
		return err
	}
	working, err := p.hear(ctx, saidWorking)
	if err != nil {
		return err
	}
	c.note(opened.Took, working.Audit)
	if err := c.intrude(ctx); err != nil {
		return err
	}
	if err := p.quiet(ctx, c.upTo(c.Turn)); err != nil || how == killed {
		return err
	}
	if err := p.tell(order{Do: doStop}); err != nil {
		return err
	}
	if how == closing {
		return pause(ctx, c.upTo(closingKill))
	}
	_, err = p.hear(ctx, saidStopped)
	return err
}

// finish ends the process of a turn, and says what else went wrong.
func (c *campaign) finish(p *process, how ending, failed error) error {
	c.killed = how != inOrder
	switch {
	case errors.Is(failed, errSilent), how == inOrder && failed == nil:
		c.report.Clean++
		return p.end()
	case how == early:
		c.report.Early++
	}
	c.report.Kills++
	return p.kill()
}

// note takes down what a turn found.
func (c *campaign) note(took time.Duration, a audit) {
	after := "opened"
	if c.killed {
		after = "reopened"
		c.reopened = append(c.reopened, took)
	}
	c.report.Audits++
	c.report.Again += a.Again
	fmt.Fprintf(c.Log, "%s in %v, %d events and %d answers audited in %v, %d transfers made again, ",
		after, took.Round(time.Microsecond), a.Events, a.Acks, a.Took.Round(time.Microsecond), a.Again)
}

// intrude has the next process try to open the store that is in use.
func (c *campaign) intrude(ctx context.Context) error {
	if c.Shared || len(c.standby) == 0 {
		return nil
	}
	p := c.standby[0]
	if err := p.tell(order{Do: doIntrude, Settings: c.settings()}); err != nil {
		return err
	}
	_, err := p.hear(ctx, saidRefused)
	c.report.Intruders++
	return err
}

func pause(ctx context.Context, d time.Duration) error {
	over := time.NewTimer(d)
	defer over.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-over.C:
		return nil
	}
}
