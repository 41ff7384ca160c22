package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/cairndb/cairn/client"
)

// A campaign is one run.
type campaign struct {
	config
	plan      plan
	rounds    int // of all orders
	dice      *rand.Rand
	processes []*process
	store     *client.Client
	due       []float64 // at which shares of the work to kill
	seen      progress
	report    report
}

// run plays everything, kills and audits, and says what there was.
func (c config) run(ctx context.Context) (report, error) {
	c, err := c.withDefaults()
	if err != nil {
		return report{Seed: c.Seed}, err
	}
	d := &campaign{
		config: c, dice: rand.New(rand.NewPCG(c.Seed, 1)),
		plan:   plan{Events: c.Events, Keys: c.Keys, Seed: c.Seed, Lease: c.Lease, Timeout: c.Timeout},
		report: report{Seed: c.Seed, Killed: map[string]int{}},
	}
	d.rounds = d.plan.rounds()
	for range c.Kills {
		d.due = append(d.due, 0.02+0.95*d.dice.Float64())
	}
	slices.Sort(d.due)
	fmt.Fprintf(c.Log, "seed %d\n", c.Seed)
	began := time.Now()
	err = d.work(ctx)
	d.report.Took = time.Since(began)
	if err == nil {
		err = d.audit(ctx)
	}
	return d.report, err
}

// work starts everybody, disturbs them until all is done, and ends them.
func (c *campaign) work(ctx context.Context) (err error) {
	defer func() { err = errors.Join(err, c.dismiss(err != nil)) }()
	if err := c.hire(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.store.Close()) }()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	moved := time.Now()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-look.C:
		}
		if c.look(ctx) {
			moved = time.Now()
		}
		if c.seen.done(c.Events, c.rounds) && len(c.due) == 0 {
			return nil
		}
		if time.Since(moved) > c.Patience {
			return fmt.Errorf("nothing has come further for %v: %v", c.Patience, c.seen)
		}
		if err := c.disturb(); err != nil {
			return err
		}
	}
}

// hire starts everybody, those first to whom the others connect.
func (c *campaign) hire(ctx context.Context) error {
	at := part{Dir: c.Dir, Plan: c.plan, Orders: "127.0.0.1:0", Billing: "127.0.0.1:0"}
	var err error
	if at.Orders, err = c.hireOne("orders", 0, at); err != nil {
		return err
	}
	if at.Billing, err = c.hireOne("billing", 0, at); err != nil {
		return err
	}
	c.processes[0].part.Orders, c.processes[1].part.Billing = at.Orders, at.Billing
	for _, crew := range []struct {
		role string
		n    int
	}{{"writer", writers}, {"group", groups}, {"relay", relays}, {"saga", sagas}} {
		for n := range crew.n {
			if _, err := c.hireOne(crew.role, n, at); err != nil {
				return err
			}
		}
	}
	c.store, err = dial(ctx, at.Orders)
	return err
}

func (c *campaign) hireOne(role string, number int, p part) (address string, err error) {
	p.Role, p.Number = role, number
	hired := &process{part: p}
	if address, err = hired.start(c.Patience); err == nil {
		c.processes = append(c.processes, hired)
	}
	return address, err
}

// disturb kills somebody if it is time to, and sees whether anybody has ended.
func (c *campaign) disturb() error {
	if err := c.muster(); err != nil {
		return err
	}
	if len(c.due) == 0 || c.seen.share(c.Events, c.rounds) < c.due[0] {
		return nil
	}
	c.due = c.due[1:]
	alive := slices.DeleteFunc(slices.Clone(c.processes), func(p *process) bool { return p.finished })
	victim := alive[c.dice.IntN(len(alive))]
	if !victim.kill() {
		return fmt.Errorf("%v has ended before it could be killed", victim)
	}
	c.report.Killed[victim.part.Role]++
	fmt.Fprintf(c.Log, "%5.1f%%  killed %v, life %d\n", 100*c.seen.share(c.Events, c.rounds), victim, victim.part.Life)
	victim.part.Life++
	_, err := victim.start(c.Patience)
	return err
}

// muster notes who has come to the end of his work. Only writers do.
func (c *campaign) muster() error {
	for _, p := range c.processes {
		if p.finished {
			continue
		}
		select {
		case err := <-p.ended:
			if err != nil || p.part.Role != "writer" {
				return fmt.Errorf("%v, life %d, has ended: %v", p, p.part.Life, err)
			}
			p.finished = true
		default:
		}
	}
	return nil
}

// dismiss ends everybody, those last to whom the others are connected; after a
// failure by force.
func (c *campaign) dismiss(failed bool) (err error) {
	for _, p := range slices.Backward(c.processes) {
		if failed {
			_ = p.cmd.Process.Kill()
			<-p.ended
			continue
		}
		err = errors.Join(err, p.stop(c.Patience))
	}
	return err
}
