package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/examples/bank/torture"
)

func (p *program) torture() *cobra.Command {
	c := torture.Config{Open: openDisk, Verify: verify}
	kill := true
	cmd := &cobra.Command{
		Use:   "torture",
		Short: "Move money while processes are killed, and check that no cent is lost",
		Long: "Torture opens accounts with a known total in a new store and gives processes the store in turn. Each moves\n" +
			"money from many goroutines until it is killed at a random moment; the next one checks what is there.\n\n" +
			"Without --store the store is in a temporary directory, which is removed if all is well.",
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c.Dir, c.NoKill = p.store, !kill
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
	var err error
	if c.Start, err = p.starter(); err != nil {
		return err
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

// starter makes the commands of the processes that take turns.
func (p *program) starter() (func() *exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return func() *exec.Cmd {
		cmd := exec.Command(self, "turn")
		cmd.Stderr = os.Stderr
		return cmd
	}, nil
}

// turn is what those processes run.
func (p *program) turn() *cobra.Command {
	return &cobra.Command{
		Use:    "turn",
		Short:  "Take a turn in a torture, as told on standard input",
		Hidden: true,
		Args:   exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return torture.Serve(cmd.Context(), openDisk, p.in, p.out)
		},
	}
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
