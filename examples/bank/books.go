package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
)

func (p *program) balance() *cobra.Command {
	var at int64
	var asOf string
	cmd := &cobra.Command{
		Use:   "balance ACCOUNT",
		Short: "Say what an account holds, now or at any moment before",
		Args:  exactly("ACCOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			look, err := lookBack(cmd, at, asOf)
			if err != nil {
				return misuse(cmd, err)
			}
			return p.atCounter(func(b *bank.Bank) error {
				n, err := find(cmd.Context(), b, args[0])
				if err != nil {
					return err
				}
				a, err := look(b, cmd.Context(), n)
				return p.said(err, "%v", a.Balance)
			})
		},
	}
	cmd.Flags().Int64Var(&at, "at", 0, "as of this revision of the account")
	cmd.Flags().StringVar(&asOf, "as-of", "", "as of this time, like 2026-11-22T20:00:00Z")
	return cmd
}

// lookBack is the method that folds the account as far as the flags say.
func lookBack(cmd *cobra.Command, at int64, asOf string) (func(*bank.Bank, context.Context, account.Number) (bank.Account, error), error) {
	switch {
	case cmd.Flags().Changed("at") && asOf != "":
		return nil, errors.New("--at and --as-of exclude each other")
	case cmd.Flags().Changed("at"):
		if at < 0 {
			return nil, errors.New("--at is a revision, 0 or more")
		}
		return func(b *bank.Bank, ctx context.Context, n account.Number) (bank.Account, error) {
			return b.At(ctx, n, cairn.Revision(at))
		}, nil
	case asOf != "":
		moment, err := time.Parse(time.RFC3339Nano, asOf)
		if err != nil {
			return nil, fmt.Errorf("--as-of: %q is not a time like 2026-11-22T20:00:00Z", asOf)
		}
		return func(b *bank.Bank, ctx context.Context, n account.Number) (bank.Account, error) {
			return b.AsOf(ctx, n, moment)
		}, nil
	}
	return (*bank.Bank).Account, nil
}

func (p *program) statement() *cobra.Command {
	return &cobra.Command{
		Use:   "statement ACCOUNT",
		Short: "Print every event of an account, with the balance behind it",
		Args:  exactly("ACCOUNT"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atCounter(func(b *bank.Bank) error {
				n, err := find(cmd.Context(), b, args[0])
				if err != nil {
					return err
				}
				return p.print(cmd.Context(), b, n)
			})
		},
	}
}

// print writes line by line: a statement can be long.
func (p *program) print(ctx context.Context, b *bank.Bank, n account.Number) error {
	for l, err := range b.Statement(ctx, n) {
		if err == nil {
			_, err = fmt.Fprintf(p.out, "%6d  %-30s  %-26s %14v %14v  %s\n",
				l.Revision, l.Time.UTC().Format(time.RFC3339Nano), l.Type, l.Amount, l.Balance, remark(l.Event))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func remark(e account.Event) string {
	switch e := e.(type) {
	case account.Opened:
		return e.Name
	case account.TransferSent:
		return "to " + string(e.To)
	case account.TransferReceived:
		return "from " + string(e.From)
	}
	return ""
}

func (p *program) list() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List all accounts",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.atCounter(func(b *bank.Bank) error {
				all, err := b.List(cmd.Context())
				if err != nil {
					return err
				}
				return p.table(all)
			})
		},
	}
}

func (p *program) table(all []bank.Account) error {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NUMBER\tNAME\tSTATUS\tBALANCE\tREVISION")
	for _, a := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%v\t%d\n", a.Number, a.Name, a.Status, a.Balance, a.Revision)
	}
	return w.Flush()
}
