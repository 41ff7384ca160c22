package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"time"
)

// A deployConfig is what the second campaign is told.
type deployConfig struct {
	config
	Keys           int
	Appends, Reads int // a second
	Pause, Back    time.Duration
	Settle         time.Duration
}

func deployCommand(ctx context.Context, args []string, out io.Writer) error {
	c := deployConfig{config: config{Log: out}}
	f := flag.NewFlagSet("readers deploy", flag.ContinueOnError)
	c.flags(f)
	f.IntVar(&c.Events, "events", 100_000, "how many events there are before anything begins")
	f.IntVar(&c.Kills, "kills", 5, "how often the process that builds the new version is killed")
	f.IntVar(&c.Keys, "keys", 0, "how many rows there are (default: one for each 100 events)")
	f.IntVar(&c.Appends, "appends", 1000, "how many events are written in a second")
	f.IntVar(&c.Reads, "reads", 200, "how many rows are read in a second")
	f.DurationVar(&c.Pause, "pause", 100*time.Millisecond, "how long a read may take around a switch")
	f.DurationVar(&c.Back, "rollback", time.Second, "how long it may take to go back to the old version")
	f.DurationVar(&c.Settle, "settle", 3*time.Second, "how long to read between one switch and the next")
	if err := f.Parse(args); err != nil {
		return err
	}
	if c.Keys == 0 {
		c.Keys = max(c.Events/100, 1)
	}
	switch {
	case c.Keys < 1 || c.Keys > c.Events:
		return errors.New("keys: must be between 1 and the number of events")
	case c.Appends < 1 || c.Reads < 1 || c.Appends > 100_000 || c.Reads > 100_000:
		return errors.New("appends and reads: must be between 1 and 100000")
	}
	if err := c.complete(); err != nil {
		return err
	}
	return c.play(ctx, func(ctx context.Context, s space) error {
		if s.Kind == "mysql" || s.Kind == "redis" {
			return errors.New("target: this campaign runs on sqlite, postgres and pgx")
		}
		r, err := c.deploy(ctx, s)
		if err != nil {
			return err
		}
		r.write(out)
		return r.judge(&c)
	})
}
