package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/cairndb/cairn/client"
)

// A crew is the processes of a campaign, and what they have said.
type crew struct {
	*config
	space     space
	dice      *rand.Rand
	store     *client.Client
	address   string // of the store
	processes []*process
	moved     chan struct{} // somebody has said something
	watched   *process      // only what he says counts as going on; nil is anybody

	mu    sync.Mutex
	words map[string]words // by role and number, of all lives
}

func newCrew(c *config, s space) *crew {
	return &crew{config: c, space: s, dice: rand.New(rand.NewPCG(c.Seed, 1)), moved: make(chan struct{}, 1), words: map[string]words{}}
}

// hire starts a process.
func (c *crew) hire(p part) (*process, error) {
	p.Dir, p.Store, p.Space, p.Lease = c.Dir, c.address, c.space, c.Lease
	hired := &process{part: p}
	hired.hear = func(line string) { c.hear(hired, line) }
	if err := hired.start(); err != nil {
		return nil, err
	}
	c.processes = append(c.processes, hired)
	return hired, nil
}

// tell says how it goes.
func (c *crew) tell(format string, args ...any) {
	fmt.Fprintf(c.Log, format+"\n", args...)
}

// open starts the store's server and connects to it.
func (c *crew) open(ctx context.Context) error {
	c.address = "127.0.0.1:0"
	p, err := c.hire(part{Role: "store"})
	if err != nil {
		return err
	}
	if err := c.until(ctx, "the store's server", func() bool { return c.of(p).said["listening"] != "" }); err != nil {
		return err
	}
	c.address = c.of(p).said["listening"]
	c.store, err = dial(ctx, c.address)
	return err
}

// muster sees whether anybody has ended, which nobody is to do by himself.
func (c *crew) muster() error {
	for _, p := range c.processes {
		select {
		case err := <-p.ended:
			p.ended <- err
			return fmt.Errorf("%v, life %d, has ended: %v", p, p.part.Life, err)
		default:
		}
	}
	return nil
}

func (c *crew) wake() {
	for _, p := range c.processes {
		p.wake()
	}
}

// dismiss ends a process in good order.
func (c *crew) dismiss(p *process) error {
	c.processes = slices.DeleteFunc(c.processes, func(other *process) bool { return other == p })
	return p.stop(c.Patience)
}

// close ends everybody, those last to whom the others are connected; after a
// failure by force.
func (c *crew) close(failed bool) (err error) {
	if c.store != nil {
		err = c.store.Close()
	}
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
