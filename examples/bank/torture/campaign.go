package torture

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Run tortures a store as the Config says, and reports what it withstood. A
// broken promise is a [*Violation]; the store and the answers are then kept as
// they are. When ctx ends, so does Run, with its cause.
func Run(ctx context.Context, config Config) (Report, error) {
	config, err := config.withDefaults()
	if err != nil {
		return Report{}, err
	}
	c := &campaign{Config: config, dice: rand.New(rand.NewPCG(config.Seed, 0))}
	c.report.Seed = c.Seed
	fmt.Fprintf(c.Log, "seed %d\n", c.Seed)
	began := time.Now()
	err = c.run(ctx, began.Add(c.Duration))
	if err == nil {
		err = c.lastAudit(ctx)
	}
	c.report.Took = time.Since(began)
	c.report.Reopens = reopens(c.reopened)
	return c.report, err
}

// A campaign is one Run.
type campaign struct {
	Config
	dice     *rand.Rand
	standby  []*process
	reopened []time.Duration // how long each took after a kill
	killed   bool            // the last turn was
	report   Report
}

func (c *campaign) run(ctx context.Context, until time.Time) (err error) {
	if err := c.prepare(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // after the processes have been waited for
	defer func() { err = errors.Join(err, c.dismiss()) }()
	for time.Now().Before(until) {
		if err := c.hire(ctx); err != nil {
			return err
		}
		c.report.Turns++
		if err := c.turn(ctx, uint32(c.report.Turns)); err != nil {
			return fmt.Errorf("turn %d: %w", c.report.Turns, err)
		}
	}
	return nil
}

// hire starts processes until there are enough.
func (c *campaign) hire(ctx context.Context) error {
	for len(c.standby) < c.Processes {
		p, err := c.start(ctx)
		if err != nil {
			return err
		}
		c.standby = append(c.standby, p)
	}
	return nil
}

// dismiss ends those that wait for a turn.
func (c *campaign) dismiss() (err error) {
	for _, p := range c.standby {
		err = errors.Join(err, p.end())
	}
	c.standby = nil
	return err
}
