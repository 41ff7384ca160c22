package cli

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/timer"
)

const timerAbout = `Look at timers: events that are still to come.

A timer is set and cancelled by programs, and fired by those of them that run the
timers of the store.`

const timerListAbout = `List the timers that are set, by when they are due.

Those are shown that are due within a day, or as long as --within says; --all shows
all there are, which reads every timer that was ever set. --failed shows those that
were due and could not fire, and why.`

// A timerLine is a timer as list shows it.
type timerLine struct {
	Key      string         `json:"key"`
	Due      time.Time      `json:"due"`
	Set      time.Time      `json:"set"`
	Position cairn.Position `json:"position"`
	Stream   string         `json:"stream"`
	Type     string         `json:"type"`
	Error    string         `json:"error,omitempty"`
}

func newTimer(c *console, g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "timer",
		Short: "Look at timers",
		Long:  timerAbout,
		Args:  unknownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTimerList(c, g))
	return cmd
}

// A timerChoice says which timers to list.
type timerChoice struct {
	category    string
	within      time.Duration
	all, failed bool
}

func newTimerList(c *console, g *globals) *cobra.Command {
	var o timerChoice
	cmd := &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the timers that are set",
		Long:    timerListAbout,
		Example: "  cairn timer list --within 1h\n  cairn timer list --failed --json | jq .error",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, pair := range [][2]string{{"all", "within"}, {"failed", "within"}, {"failed", "all"}} {
				if err := exclusive(cmd, pair[0], pair[1]); err != nil {
					return err
				}
			}
			return withStore(cmd.Context(), g, reading(), func(s cairn.Store) error {
				return printTimers(c, g, o.timers(cmd.Context(), s))
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.category, "category", "timer", "`CATEGORY` of the timers")
	flags.DurationVar(&o.within, "within", 24*time.Hour, "show those that are due within this `TIME`")
	flags.BoolVar(&o.all, "all", false, "show those that are due later too")
	flags.BoolVar(&o.failed, "failed", false, "show those that could not fire")
	return cmd
}

func (o *timerChoice) timers(ctx context.Context, s cairn.Store) iter.Seq2[timer.Timer, error] {
	category := timer.Category(o.category)
	switch {
	case o.failed:
		return timer.Failed(ctx, s, category)
	case o.all:
		return timer.Pending(ctx, s, category, time.Time{})
	}
	return timer.Pending(ctx, s, category, time.Now().Add(o.within))
}

func printTimers(c *console, g *globals, all iter.Seq2[timer.Timer, error]) error {
	t := newTable(c, c.out, column{title: "DUE (UTC)"}, column{title: "KEY", most: 40, middle: true}, column{title: "STREAM", most: 30, middle: true},
		column{title: "TYPE", most: 30, middle: true}, column{title: "ERROR", rest: true})
	none := true
	for x, err := range all {
		if err != nil {
			return err
		}
		none = false
		if g.json {
			err = c.printJSON(timerLine{x.Key, x.Due, x.Set, x.At, x.Fire.Stream, x.Fire.Event.Type, x.Error})
		} else {
			err = t.add(x.Due.UTC().Format(time.DateTime), printable(x.Key), printable(x.Fire.Stream), printable(x.Fire.Event.Type), printable(x.Error))
		}
		if err != nil {
			return err
		}
	}
	if none {
		fmt.Fprintln(c.err, c.dim("no timers"))
	}
	return t.flush()
}
