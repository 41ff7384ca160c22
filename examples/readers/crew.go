package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cairndb/cairn"
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

// Words are what a process has said.
type words struct {
	at        cairn.Position // the furthest
	said      map[string]string
	applied   int // transactions
	refused   int // transactions, because somebody else had changed what they expected
	published []time.Duration
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

// hear notes what a process says.
func (c *crew) hear(p *process, line string) {
	c.mu.Lock()
	w := c.words[p.String()]
	what, rest, _ := strings.Cut(line, " ")
	w.note(what, rest)
	c.words[p.String()] = w
	counts := c.watched == nil || c.watched == p
	c.mu.Unlock()
	if !counts {
		return
	}
	select {
	case c.moved <- struct{}{}:
	default:
	}
}

func (w *words) note(what, rest string) {
	switch what {
	case "at":
		var at cairn.Position
		_, _ = fmt.Sscan(rest, &at)
		w.at = max(w.at, at)
		w.applied++
	case "refused":
		w.refused++
	case "published":
		took, _ := time.ParseDuration(rest)
		w.published = append(slices.Clone(w.published), took)
	default:
		said := map[string]string{what: rest}
		for k, v := range w.said {
			if k != what {
				said[k] = v
			}
		}
		w.said = said // those who were given the old one may read it
	}
}

// of is what a process has said in all its lives.
func (c *crew) of(p *process) words {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.words[p.String()]
}

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
