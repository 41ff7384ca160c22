// Command reactor is the acceptance test of everything that reacts: services in
// processes of their own, over one store and with one another, all of which are
// killed at random moments and started again.
//
//	            orders (a store and its server)                     billing (a store of its own)
//	writers ──▶ order-K ──▶ group ──▶ statement-K
//	                   ├──▶ sagas ⇄ timers ──▶ fulfilment events
//	                   └──▶ relays ─────────── HTTP ──────────────▶ inbox ──▶ entry-K
//
// Writers append numbered events to many orders. A group writes one line of a
// statement for each event. Sagas follow every ten events of an order, and end
// them or, when they are not paid in time, compensate. Relays tell billing,
// which notes one entry for each event that it has not noted before.
//
// The processes are killed with SIGKILL, the stores among them, until all has
// been written, told and handled. Then both stores are read from end to end:
// nothing that was acknowledged is missing, every event has each of its effects
// exactly once and in the order of its key, and every process that spans events
// has come to exactly one end.
//
// It goes about this as examples/bank/torture does, of which it shares no code:
// there processes take turns with one store, here they live side by side.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

func main() {
	if raw := os.Getenv(variable); raw != "" {
		os.Exit(play(raw, os.Stdin, os.Stdout))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := command(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "reactor:", err)
		os.Exit(1)
	}
}

// command runs the campaign that the arguments ask for. It keeps the stores that
// were asked for, and any that have failed.
func command(ctx context.Context, args []string, out io.Writer) error {
	c := config{Log: out}
	flags := flag.NewFlagSet("reactor", flag.ContinueOnError)
	flags.IntVar(&c.Events, "events", 20_000, "how many events the writers append")
	flags.IntVar(&c.Keys, "keys", 0, "how many orders they belong to (default: one for each 100 events)")
	flags.IntVar(&c.Kills, "kills", 5, "how many processes are killed")
	flags.Uint64Var(&c.Seed, "seed", 0, "of everything random (default: drawn and printed)")
	flags.StringVar(&c.Dir, "dir", "", "where to keep the stores, which must be missing or empty (default: a temporary directory, removed if all is well)")
	flags.DurationVar(&c.Lease, "lease", 10*time.Second, "how long a dead member of a group keeps its share")
	flags.DurationVar(&c.Timeout, "timeout", 5*time.Second, "how long a saga waits for the payment")
	flags.DurationVar(&c.Patience, "patience", time.Minute, "how long nothing may come further")
	if err := flags.Parse(args); err != nil {
		return err
	}
	named := c.Dir != ""
	if !named {
		dir, err := os.MkdirTemp("", "reactor-")
		if err != nil {
			return err
		}
		c.Dir = filepath.Join(dir, "stores")
	}
	r, err := c.run(ctx)
	if err != nil {
		return fmt.Errorf("%w\n  seed %d; the stores are in %s", err, r.Seed, c.Dir)
	}
	r.write(out)
	if named {
		return nil
	}
	return os.RemoveAll(filepath.Dir(c.Dir))
}
