package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"time"
)

// A config says how much is done and how often it is disturbed.
type config struct {
	Dir      string
	Events   int // in all
	Keys     int
	Kills    int
	Seed     uint64
	Lease    time.Duration
	Timeout  time.Duration // of a saga
	Patience time.Duration
	Log      io.Writer
}

// How many processes play each part.
const (
	writers = 4
	groups  = 3
	relays  = 2
	sagas   = 2
)

const mostEvents = 100_000_000

func (c config) withDefaults() (config, error) {
	c.Keys = cmp.Or(c.Keys, max(c.Events/100, 1))
	c.Seed = cmp.Or(c.Seed, rand.Uint64())
	switch {
	case c.Events < 1 || c.Events > mostEvents:
		return c, fmt.Errorf("events: must be between 1 and %d", mostEvents)
	case c.Keys < 1 || c.Keys > c.Events:
		return c, errors.New("keys: must be between 1 and the number of events")
	case c.Kills < 0:
		return c, errors.New("kills: must not be negative")
	case c.Lease <= 0 || c.Timeout <= 0 || c.Patience <= 0:
		return c, errors.New("lease, timeout and patience: must be positive")
	}
	return c, c.prepare()
}

// prepare makes the directory, which must hold nothing.
func (c config) prepare() error {
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	there, err := os.ReadDir(c.Dir)
	if err == nil && len(there) > 0 {
		err = fmt.Errorf("dir: %s is not empty", c.Dir)
	}
	return err
}

// A plan is what all processes must agree in: who writes what.
type plan struct {
	Events, Keys int
	Seed         uint64
	Lease        time.Duration
	Timeout      time.Duration
}

// length is how many events an order has in the end.
func (p *plan) length(key int) int {
	n := p.Events / p.Keys
	if key < p.Events%p.Keys {
		n++
	}
	return n
}

// round is how many events of an order a saga follows.
const round = 10

// paid reports whether a round of an order is paid in the end: most are that
// have an end. The same seed says the same.
func (p *plan) paid(key, n int) bool {
	if (n+1)*round > p.length(key) {
		return false
	}
	return rand.New(rand.NewPCG(p.Seed, uint64(key)<<32|uint64(n))).IntN(10) > 0
}

// of is how many rounds an order has, the last of which may be short.
func (p *plan) of(key int) int { return (p.length(key) + round - 1) / round }

// rounds is how many there are in all.
func (p *plan) rounds() (all int) {
	for key := range p.Keys {
		all += p.of(key)
	}
	return all
}
