package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
)

// atCounter serves a customer of a bank that exists.
func (p *program) atCounter(serve func(*bank.Bank) error) error {
	return p.serve(openExisting, serve)
}

func (p *program) serve(open func(dir string) (cairn.Store, error), serve func(*bank.Bank) error) error {
	return p.withStore(open, func(store cairn.Store) error { return serve(bank.New(store, nil)) })
}

// serveStore serves somebody who needs the store itself.
func (p *program) serveStore(serve func(cairn.Store) error) error {
	return p.withStore(openExisting, serve)
}

func (p *program) withStore(open func(dir string) (cairn.Store, error), serve func(cairn.Store) error) (err error) {
	if p.server != "" {
		open = func(string) (cairn.Store, error) { return dial(p.server) }
	}
	store, err := open(p.store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return serve(store)
}

// find is the account that is called so, or has that number.
func find(ctx context.Context, b *bank.Bank, who string) (account.Number, error) {
	number, err := b.Find(ctx, who)
	if errors.Is(err, account.ErrMissing) {
		if n, notNumber := account.ParseNumber(who); notNumber == nil {
			return n, nil
		}
	}
	return number, err
}

func (p *program) open() *cobra.Command {
	return &cobra.Command{
		Use:   "open NAME",
		Short: "Open an account",
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.serve(openDisk, func(b *bank.Bank) error {
				a, err := b.Open(cmd.Context(), args[0])
				return p.said(err, "%s has account %s", args[0], a.Number)
			})
		},
	}
}

func (p *program) deposit() *cobra.Command {
	return p.cash("deposit", "Pay cash into an account", account.Deposit)
}

func (p *program) withdraw() *cobra.Command {
	return p.cash("withdraw", "Pay cash out of an account", account.Withdraw)
}

func (p *program) cash(use, short string, decision func(account.Money) account.Decision) *cobra.Command {
	return &cobra.Command{
		Use:   use + " ACCOUNT AMOUNT",
		Short: short,
		Args:  exactly("ACCOUNT", "AMOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			amount, err := account.ParseMoney(args[1])
			if err != nil {
				return misuse(cmd, err)
			}
			return p.ask(cmd.Context(), args[0], decision(amount))
		},
	}
}

func (p *program) close() *cobra.Command {
	return &cobra.Command{
		Use:   "close ACCOUNT",
		Short: "Close an empty account and free its name",
		Args:  exactly("ACCOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.ask(cmd.Context(), args[0], account.Close())
		},
	}
}

// ask asks one account for a decision, and says how it stands afterwards.
func (p *program) ask(ctx context.Context, who string, decide account.Decision) error {
	return p.atCounter(func(b *bank.Bank) error {
		n, err := find(ctx, b, who)
		if err != nil {
			return err
		}
		a, err := b.Do(ctx, n, decide)
		return p.said(err, "%s has %v (%s, revision %d)", a.Name, a.Balance, a.Status, a.Revision)
	})
}

func (p *program) transfer() *cobra.Command {
	var id string
	cmd := &cobra.Command{
		Use:   "transfer FROM TO AMOUNT",
		Short: "Move money from one account to another",
		Long:  "Move money from one account to another. With --id the transfer is made once, however often it is asked for.",
		Args:  exactly("FROM", "TO", "AMOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := transferOf(id, args[2])
			if err != nil {
				return misuse(cmd, err)
			}
			return p.atCounter(func(b *bank.Bank) error { return p.move(cmd.Context(), b, t, args[0], args[1]) })
		},
	}
	cmd.Flags().StringVar(&id, "id", "", "the transfer's ID, a UUID (default: a new one)")
	return cmd
}

func transferOf(id, amount string) (t bank.Transfer, err error) {
	if t.Amount, err = account.ParseMoney(amount); err != nil {
		return t, err
	}
	t.ID = cairn.NewID()
	if id != "" {
		t.ID, err = cairn.ParseID(id)
	}
	return t, err
}

func (p *program) move(ctx context.Context, b *bank.Bank, t bank.Transfer, from, to string) (err error) {
	if t.From, err = find(ctx, b, from); err != nil {
		return err
	}
	if t.To, err = find(ctx, b, to); err != nil {
		return err
	}
	r, err := b.Transfer(ctx, t)
	before := ""
	if r.Duplicate {
		before = " (it was made before)"
	}
	return p.said(err, "transfer %v is at position %d%s", t.ID, r.Position, before)
}

// said prints a line unless there is an error.
func (p *program) said(err error, format string, args ...any) error {
	if err == nil {
		_, err = fmt.Fprintf(p.out, format+"\n", args...)
	}
	return err
}
