package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/cairndb/cairn"
)

// A countConfig is what the first campaign is told.
type countConfig struct {
	config
	Stops int
	Batch int
}

func countCommand(ctx context.Context, args []string, out io.Writer) error {
	c := countConfig{config: config{Log: out}}
	f := flag.NewFlagSet("readers count", flag.ContinueOnError)
	c.flags(f)
	f.IntVar(&c.Events, "events", 100_000, "how many events are counted")
	f.IntVar(&c.Kills, "kills", 30, "how often a runner is killed")
	f.IntVar(&c.Stops, "stops", -1, "how often a runner is stopped (default: half as often)")
	f.IntVar(&c.Batch, "batch", 256, "how many events a transaction counts at most")
	if err := f.Parse(args); err != nil {
		return err
	}
	if c.Stops < 0 {
		c.Stops = c.Kills / 2
	}
	if err := c.complete(); err != nil {
		return err
	}
	return c.play(ctx, func(ctx context.Context, s space) error {
		begun := time.Now()
		r, err := c.count(ctx, s)
		if err != nil {
			return err
		}
		r.Seed, r.Target, r.Took = c.Seed, s.Kind, time.Since(begun)
		r.write(out)
		return nil
	})
}

// A contest is two runners that want to count the same events.
type contest struct {
	*crew
	plan    countConfig
	rivals  []*process
	written int
	last    cairn.Position // that was written
	report  countReport
}

func (c countConfig) count(ctx context.Context, s space) (countReport, error) {
	t := &contest{crew: newCrew(&c.config, s), plan: c, report: countReport{Events: c.Events}}
	err := t.play(ctx)
	return t.report, errors.Join(err, t.close(err != nil))
}

func (t *contest) play(ctx context.Context) error {
	if err := t.open(ctx); err != nil {
		return err
	}
	for n := range 2 {
		p, err := t.hire(part{Role: "counter", Number: n, Batch: t.plan.Batch})
		if err != nil {
			return err
		}
		t.rivals = append(t.rivals, p)
		err = t.until(ctx, p.String(), func() bool { _, works := t.of(p).said["works"]; return works })
		if err != nil {
			return err
		}
	}
	deck := t.deck()
	for n, disturb := range deck {
		if err := t.round(ctx, n, disturb); err != nil {
			return err
		}
		if tenth := 10 * (n + 1) / len(deck); tenth > 10*n/len(deck) {
			t.tell("%d %% of the disturbances are over", 10*tenth)
		}
	}
	return t.finish(ctx)
}

// deck is what is done to somebody, in an order that is drawn.
func (t *contest) deck() (all []func(*process) error) {
	for range t.plan.Kills {
		all = append(all, t.murder)
	}
	for range t.plan.Stops {
		all = append(all, t.halt)
	}
	t.dice.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// round writes the next events, and disturbs somebody when some of them are counted.
// So there is always work when somebody is disturbed, however fast it goes.
func (t *contest) round(ctx context.Context, n int, disturb func(*process) error) error {
	before := t.last
	if err := t.write(ctx, t.plan.Events*(n+1)/(t.plan.Kills+t.plan.Stops+1)); err != nil {
		return err
	}
	due := before + cairn.Position(t.dice.Int64N(int64(t.last-before)+1))
	err := t.until(ctx, fmt.Sprintf("position %d to be counted", due), func() bool {
		return max(t.of(t.rivals[0]).at, t.of(t.rivals[1]).at) >= due
	})
	if err != nil {
		return err
	}
	rest(ctx, time.Duration(t.dice.Int64N(int64(20*time.Millisecond)))) // transactions take about as long
	return disturb(t.rivals[t.dice.IntN(2)])
}

// rest waits for a moment.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// murder kills a runner, also one that is stopped, and starts it again.
func (t *contest) murder(p *process) error {
	t.report.Kills++
	return errors.Join(p.kill(), p.again())
}

// halt stops a runner in the middle of what it does. It goes on when the next one is
// stopped, or when nobody else can do anything because of what it holds.
func (t *contest) halt(p *process) error {
	t.wake()
	t.report.Stops++
	return p.pause()
}

// write writes events until there are so many.
func (t *contest) write(ctx context.Context, upTo int) error {
	var batches []cairn.Batch
	for ; t.written < upTo; t.written++ {
		stream := fmt.Sprintf("count-%d", rand.IntN(countKeys))
		e := cairn.Event{Type: "counted", Data: []byte(`{}`)}
		batches = append(batches, cairn.Batch{Writes: []cairn.Write{{Stream: stream, Expected: cairn.Any, Events: []cairn.Event{e}}}})
		if len(batches) == 1000 || t.written == upTo-1 {
			last, err := commit(ctx, t.store, batches)
			if err != nil {
				return err
			}
			t.last, batches = max(t.last, last), nil
		}
	}
	return nil
}
