package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/examples/bank/torture"
)

func (p *program) torture() *cobra.Command {
	c := torture.Config{Verify: verify}
	kill := true
	var segment int64
	cmd := &cobra.Command{
		Use:   "torture",
		Short: "Move money while processes are killed, and check that no cent is lost",
		Long: "Torture opens accounts with a known total in a new store and gives processes the store in turn. Each moves\n" +
			"money from many goroutines until it is killed at a random moment; the next one checks what is there.\n\n" +
			"Without --store the store is in a temporary directory, which is removed if all is well.",
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c.Dir, c.NoKill = p.store, !kill
			c.Open, c.Start = inSegments(segment), turnTaker(segment)
			return p.runTorture(cmd.Context(), c, cmd.Flags().Changed("store"))
		},
	}
	flags := cmd.Flags()
	flags.DurationVar(&c.Duration, "duration", 2*time.Minute, "how long to go on")
	flags.DurationVar(&c.Turn, "turn", 3*time.Second, "the longest turn of a process")
	flags.IntVar(&c.Processes, "processes", 3, "how many processes take turns")
	flags.IntVar(&c.Workers, "workers", 16, "how many goroutines of a process move money")
	flags.IntVar(&c.Accounts, "accounts", 100, "how many accounts there are")
	flags.Uint64Var(&c.Seed, "seed", 0, "of everything random (default: drawn and printed)")
	segmentFlag(flags, &segment)
	flags.BoolVar(&kill, "kill", true, "kill processes with SIGKILL; else all end in good order")
	return cmd
}

// runTorture keeps a store that was asked for, and any that has failed.
func (p *program) runTorture(ctx context.Context, c torture.Config, named bool) error {
	if !named {
		dir, err := os.MkdirTemp("", "bank-torture-")
		if err != nil {
			return err
		}
		c.Dir = filepath.Join(dir, "store")
		fmt.Fprintf(p.out, "store %s\n", c.Dir)
	}
	c.Log = p.out
	r, err := torture.Run(ctx, c)
	if err != nil {
		return fmt.Errorf("%w\n  seed %d; the store is in %s and what it has answered in %[3]s.acks", err, r.Seed, c.Dir)
	}
	if err := r.Write(p.out); err != nil || named {
		return err
	}
	return os.RemoveAll(filepath.Dir(c.Dir))
}

// smallSegment makes the log go on in new files all the time.
const smallSegment = 256 << 10

func segmentFlag(flags *pflag.FlagSet, size *int64) {
	flags.Int64Var(size, "segment-size", smallSegment, "bytes from which the log goes on in a new file")
}

// inSegments opens stores whose log is in segments of a size.
func inSegments(size int64) torture.Opener {
	return func(dir string) (cairn.Store, error) { return openWith(dir, &disk.Options{SegmentSize: size}) }
}

// turnTaker makes the commands of the processes that take turns.
func turnTaker(size int64) func() *exec.Cmd {
	return func() *exec.Cmd {
		return again(context.Background(), "turn", "--segment-size", strconv.FormatInt(size, 10))
	}
}

// turn is what those processes run.
func (p *program) turn() *cobra.Command {
	var segment int64
	cmd := &cobra.Command{
		Use:    "turn",
		Short:  "Take a turn in a torture, as told on standard input",
		Hidden: true,
		Args:   exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return torture.Serve(cmd.Context(), inSegments(segment), p.in, p.out)
		},
	}
	segmentFlag(cmd.Flags(), &segment)
	return cmd
}

// verify reads every byte of a store and says how much that was.
func verify(ctx context.Context, dir string) (string, error) {
	r, err := disk.Verify(ctx, dir, nil)
	if err = errors.Join(err, errors.Join(r.Problems...)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d bytes in %d segments: %d batches, %d events, %d streams, %d index entries compared",
		r.Bytes, r.Segments, r.Batches, r.Events, r.Streams, r.IndexEntries), nil
}
