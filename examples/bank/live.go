package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
	"github.com/cairndb/cairn/examples/bank/tour"
)

// live is what "make bank" shows: the store behind a server, the tour as one of
// its clients, and then a bank that is open until it is interrupted.
func (p *program) live() *cobra.Command {
	var listen string
	var once bool
	cmd := &cobra.Command{
		Use:   "live",
		Short: "Start a server, play the tour against it, and keep the bank open",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.runLive(cmd.Context(), listen, once)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:2113", "where the server listens")
	cmd.Flags().BoolVar(&once, "once", false, "end after the tour")
	return cmd
}

func (p *program) runLive(ctx context.Context, listen string, once bool) (err error) {
	h, err := startHost(p.store, listen, p.err)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.stop()) }()
	err = tour.Run(ctx, tour.Options{
		Out:    p.out,
		Styled: isTerminal(p.out),
		Dir:    p.store,
		Server: h.cairn(),
		Open:   func(string) (cairn.Store, error) { return dial(h.cairn()) },
		Crash:  h.crash,
	})
	if err != nil || once {
		return err
	}
	fmt.Fprint(p.out, waysIn(h), p.readModelWays(h))
	return p.business(ctx, h.cairn())
}

// readModelWays says where the read models are, and how to ask them.
func (p *program) readModelWays(h *host) string {
	return fmt.Sprintf(`
The read models are kept up to date in %s

   the tables         go run ./examples/bank --store %s --server '%s' richest
                      cairn projection status books --target '%[1]s' --server '%[3]s'
`, p.readURL(), p.store, h.cairn())
}

// business keeps the bank open and its read models up to date. If one of the two
// fails the other ends, too.
func (p *program) business(ctx context.Context, address string) (err error) {
	store, err := dial(address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	kept := make(chan error, 1)
	go func() {
		defer stop()
		kept <- p.keep(ctx, store)
	}()
	err = keepOpen(ctx, store)
	stop()
	return errors.Join(err, <-kept)
}

// waysIn says how to reach the server, each way with something to try.
func waysIn(h *host) string {
	return fmt.Sprintf(`
Four ways in, while the bank is open (ctrl-C closes it)

   Go                 client.Dial(ctx, %q, nil)
   any KurrentDB      %s
   client
   a browser          %[3]s/ui/
   curl               curl '%[3]s/api/v1/events?backward=true&limit=3'
                      curl -N -H 'Accept: text/event-stream' '%[3]s/api/v1/events?category=account'
`, h.cairn(), h.kurrent(), h.http())
}

// dial connects to the server at an address.
func dial(address string) (cairn.Store, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	store, err := client.Dial(ctx, address, nil)
	if err != nil {
		return nil, err // and not a store that is a nil pointer
	}
	return store, nil
}

// pause is how long the bank waits between two transfers.
const pause = time.Second

// keepOpen moves a cent between two customers, to and fro, until it is
// interrupted, so that who looks at the log sees it grow.
func keepOpen(ctx context.Context, store cairn.Store) error {
	b := bank.New(store, nil)
	from, to, err := customers(ctx, b)
	if err != nil {
		return err
	}
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if _, err := b.Transfer(ctx, bank.Transfer{ID: cairn.NewID(), From: from, To: to, Amount: 1}); err != nil && ctx.Err() == nil {
			return err
		}
		from, to = to, from
	}
}

// customers are two who have money, opened on the first day.
func customers(ctx context.Context, b *bank.Bank) (from, to account.Number, err error) {
	for name, n := range map[string]*account.Number{"carol": &from, "dave": &to} {
		if *n, err = b.Find(ctx, name); errors.Is(err, account.ErrMissing) {
			var a bank.Account
			if a, err = b.Open(ctx, name); err == nil {
				*n = a.Number
				_, err = b.Deposit(ctx, a.Number, 100_00)
			}
		}
		if err != nil {
			return from, to, err
		}
	}
	return from, to, nil
}
