package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/readmodel"
	"github.com/cairndb/cairn/projection"
)

// readModels opens the database of the read models.
func (p *program) readModels(ctx context.Context) (*readmodel.Database, error) {
	return readmodel.Open(ctx, p.readURL())
}

// readURL says which database it is: if nobody does, a file beside the store.
func (p *program) readURL() string {
	return cmp.Or(p.read, "sqlite:"+filepath.Clean(p.store)+".db")
}

// project keeps the read models up to date.
func (p *program) project() *cobra.Command {
	return &cobra.Command{
		Use:   "project",
		Short: "Keep the tables balance and statement up to date until interrupted",
		Long: `Keep the tables balance and statement up to date until interrupted. With --server it
follows the bank as it works; a store of its own it brings up to date and then waits.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.serveStore(func(store cairn.Store) error { return p.keep(cmd.Context(), store) })
		},
	}
}

// keep runs the projection until ctx ends, which is no failure.
func (p *program) keep(ctx context.Context, store cairn.Store) error {
	db, err := p.readModels(ctx)
	if err != nil {
		return err
	}
	err = projection.Deploy(ctx, store, db.Target, readmodel.Books(), nil)
	if ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, db.Close())
}

// richest asks the read model, after making sure that it has seen all there is.
func (p *program) richest() *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "richest",
		Short: "List the accounts with the most money, from the read model",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.serveStore(func(store cairn.Store) error { return p.printRichest(cmd.Context(), store, limit) })
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 10, "how many")
	return cmd
}

func (p *program) printRichest(ctx context.Context, store cairn.Store, limit int) (err error) {
	db, err := p.readModels(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := p.upToDate(ctx, store, db); err != nil {
		return err
	}
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NUMBER\tNAME\tSTATUS\tBALANCE")
	for b, err := range db.Richest(ctx, limit) {
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%v\n", b.Account, b.Name, b.Status, b.Balance)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	sum, open, err := db.Total(ctx)
	return p.said(err, "%v in %d open accounts", sum, open)
}

// upToDate waits until the read model shows what the log holds now. Where nobody
// else keeps it up to date, this does.
func (p *program) upToDate(ctx context.Context, store cairn.Store, db *readmodel.Database) error {
	info, err := store.Info(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, time.Minute, errNobody)
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	kept := make(chan error, 1)
	if p.server == "" {
		go func() {
			err := projection.Deploy(ctx, store, db.Target, readmodel.Books(), nil)
			stop(err) // nobody waits for what will not come
			kept <- err
		}()
	} else {
		kept <- nil
	}
	err = projection.Wait(ctx, store, db.Target, readmodel.Name, info.Head)
	stop(errSeen)
	if failed := <-kept; failed != nil && !errors.Is(failed, errSeen) {
		err = failed
	}
	return err
}

// errNobody is why a read model may not come to be up to date behind a server.
var errNobody = errors.New("the read models are not up to date; does bank project run?")

// errSeen ends a projection that has shown what was asked for.
var errSeen = errors.New("the read model is up to date")
