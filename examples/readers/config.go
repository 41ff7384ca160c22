package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"
)

// A config is what both campaigns are told.
type config struct {
	Target   string
	Events   int
	Kills    int
	Seed     uint64
	Dir      string
	Lease    time.Duration
	Patience time.Duration
	Log      io.Writer

	named bool // the directory was given
}

func (c *config) flags(f *flag.FlagSet) {
	f.StringVar(&c.Target, "target", "sqlite:", "where the read model is: sqlite:, postgres://…, pgx://…, mysql://… or redis://…")
	f.Uint64Var(&c.Seed, "seed", 0, "of everything random (default: drawn and printed)")
	f.StringVar(&c.Dir, "dir", "", "where to keep the store, which must be missing or empty (default: a temporary directory, removed if all is well)")
	f.DurationVar(&c.Lease, "lease", 500*time.Millisecond, "how long an event waits until another runner takes the lane")
	f.DurationVar(&c.Patience, "patience", time.Minute, "how long nothing may come further")
}

const mostEvents = 100_000_000

// complete fills in the defaults and makes the directory.
func (c *config) complete() error {
	c.Seed = cmp.Or(c.Seed, rand.Uint64())
	switch {
	case c.Events < 1 || c.Events > mostEvents:
		return fmt.Errorf("events: must be between 1 and %d", mostEvents)
	case c.Kills < 0:
		return errors.New("kills: must not be negative")
	case c.Lease <= 0 || c.Patience <= 0:
		return errors.New("lease and patience: must be positive")
	}
	return c.prepare()
}

func (c *config) prepare() (err error) {
	if c.named = c.Dir != ""; !c.named {
		c.Dir, err = os.MkdirTemp("", "readers-")
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return err
	}
	there, err := os.ReadDir(c.Dir)
	if err == nil && len(there) > 0 {
		err = fmt.Errorf("dir: %s is not empty", c.Dir)
	}
	return err
}

func storeDir(dir string) string { return filepath.Join(dir, "store") }

// play makes a space for a campaign and runs it there. What has failed is kept.
func (c *config) play(ctx context.Context, campaign func(context.Context, space) error) error {
	fmt.Fprintf(c.Log, "seed %d\n", c.Seed)
	s, err := claim(ctx, c.Target, c.Dir)
	if err == nil {
		if err = campaign(ctx, s); err == nil {
			err = s.remove(context.WithoutCancel(ctx))
		}
	}
	if err != nil {
		return fmt.Errorf("%w\n  seed %d; the store is in %s, the read model in %v", err, c.Seed, c.Dir, s)
	}
	if c.named {
		return nil
	}
	return os.RemoveAll(c.Dir)
}
