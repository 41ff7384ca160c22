package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn/cmd/cairn/internal/selfbench"
)

const benchAbout = `Measure how fast a store is on this machine and disk: durable appends, each
expecting its stream's revision, by some numbers of writers; batches; reading
everything; a filtered read; and how long an event takes to reach a follower.

It works on a new store in a new directory beside --store, or in --dir, and
removes it afterwards. The store itself is neither opened nor needed. Times of
single operations are p50 and p99, to within 3 %.`

const benchExamples = `  cairn bench
  cairn bench --writers 1,16,1024 --duration 10s
  cairn bench --dir /mnt/fast --json`

// benchFlags are the flags of bench, as they were given.
type benchFlags struct {
	dir      string
	writers  []int
	duration time.Duration
}

func newBench(c *console, g *globals) *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:     "bench",
		Short:   "Measure how fast a store is here",
		Long:    benchAbout,
		Example: benchExamples,
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := f.check(); err != nil {
				return usage(cmd, err)
			}
			if cmd.Flags().Changed("server") {
				return g.here(cmd, "it measures a store that it makes and removes, on a disk of this machine")
			}
			return f.run(cmd.Context(), c, g)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.dir, "dir", "", "where to make the directory (default: where --store lies)")
	flags.IntSliceVar(&f.writers, "writers", []int{1, 64, 256}, "how many writers append at the same time")
	flags.DurationVar(&f.duration, "duration", 3*time.Second, "how long each measurement takes")
	cobra.CheckErr(cmd.MarkFlagDirname("dir"))
	return cmd
}

func (f *benchFlags) check() error {
	if f.duration < time.Millisecond || f.duration > time.Hour {
		return fmt.Errorf("--duration %v is not between 1ms and 1h", f.duration)
	}
	outside := func(n int) bool { return n < 1 || n > 1<<14 }
	if i := slices.IndexFunc(f.writers, outside); i >= 0 || len(f.writers) == 0 {
		return errors.New("--writers wants numbers between 1 and 16384, such as 1,64,256")
	}
	return nil
}

func (f *benchFlags) run(ctx context.Context, c *console, g *globals) error {
	results := []selfbench.Result{}
	m := c.newSpinner()
	o := selfbench.Options{Writers: f.writers, Duration: f.duration, Starting: m.say}
	o.Finished = func(r selfbench.Result) { results = append(results, r) }
	err := selfbench.Run(ctx, cmp.Or(f.dir, filepath.Dir(g.store)), o)
	m.clear()
	if len(results) > 0 {
		err = errors.Join(err, printResults(c, g, results))
	}
	return err
}

func printResults(c *console, g *globals, results []selfbench.Result) error {
	if g.json {
		return c.printJSON(map[string]any{"results": results})
	}
	t := newTable(c, c.out, column{title: "WORK"}, column{title: "EVENTS", right: true},
		column{title: "EVENTS/S", right: true}, column{title: "P50", right: true}, column{title: "P99", right: true}, column{title: "OF"})
	for _, r := range results {
		speed := strings.TrimSuffix(rate(r.Events, r.Took), "/s")
		if err := t.add(r.Work, count(r.Events), speed, took(r.P50), took(r.P99), r.Of); err != nil {
			return err
		}
	}
	return t.flush()
}

// A spinner says what is being done, on a terminal only.
type spinner struct{ c *console }

func (c *console) newSpinner() spinner { return spinner{c} }

func (s spinner) say(text string) {
	if s.c.errTerminal {
		fmt.Fprint(s.c.err, "\r\x1b[K", s.c.dim(text+" …"))
	}
}

func (s spinner) clear() {
	if s.c.errTerminal {
		fmt.Fprint(s.c.err, "\r\x1b[K")
	}
}
