package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/examples/eshop/audit"
)

func (p *program) newCheck() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Audit money and stock, from the log alone",
		Long: `Audit money and stock from the log alone: what was taken, given back, set aside and
released, order by order. With --server a shop can be open meanwhile.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error { return p.check(cmd.Context()) },
	}
}

var errAudit = errors.New("money or stock is not conserved")

func (p *program) check(ctx context.Context) (err error) {
	store, err := p.existing(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	report, err := audit.Run(ctx, store)
	if err != nil {
		return err
	}
	fmt.Fprint(p.out, report)
	if !report.OK() {
		return errAudit
	}
	return nil
}

// existing opens a store that must be there.
func (p *program) existing(ctx context.Context) (cairn.Store, error) {
	if p.server != "" {
		return dial(ctx, p.server)
	}
	store, err := p.openStore(&disk.Options{MustExist: true})
	if err != nil {
		return nil, err // and not a store that is a nil pointer
	}
	return store, nil
}
