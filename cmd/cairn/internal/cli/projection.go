package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cmd/cairn/internal/readmodel"
	"github.com/cairndb/cairn/projection"
)

const projectionAbout = `Look at the projections of a database, and change what their readers see.

A projection folds events into tables of a database: a read model. What a version
of it has built is a build; readers see one of them, and a new one is built beside
it. The database is named with --target or CAIRN_TARGET:

  sqlite:shop.db
  postgres://USER:PASSWORD@HOST/DATABASE
  mysql://USER:PASSWORD@HOST/DATABASE

Without a target list and status show what programs have reported to the store.`

// targetFlags say which database holds the read models.
type targetFlags struct{ url string }

func (f *targetFlags) add(cmd *cobra.Command) {
	cmd.PersistentFlags().StringVar(&f.url, "target", os.Getenv("CAIRN_TARGET"), "`URL` of the database with the read models (env CAIRN_TARGET)")
}

// with opens the database and the store, and calls fn.
func (f *targetFlags) with(cmd *cobra.Command, g *globals, fn func(s cairn.Store, db *readmodel.Database) error) error {
	return f.open(cmd, func(db *readmodel.Database) error {
		return withStore(cmd.Context(), g, reading(), func(s cairn.Store) error { return fn(s, db) })
	})
}

// open opens the database and calls fn.
func (f *targetFlags) open(cmd *cobra.Command, fn func(db *readmodel.Database) error) error {
	if f.url == "" {
		return usage(cmd, errors.New("--target is missing"))
	}
	ctx, cancel := context.WithTimeoutCause(cmd.Context(), dialTime, errNoTarget)
	defer cancel()
	db, err := readmodel.Open(ctx, f.url)
	if err != nil {
		return err
	}
	return errors.Join(fn(db), db.Close())
}

var errNoTarget = errors.New("the database did not answer in time")

func newProjection(c *console, g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "projection",
		Aliases: []string{"projections"},
		Short:   "Look after read models",
		Long:    projectionAbout,
		Args:    unknownCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	f := &targetFlags{}
	f.add(cmd)
	cmd.AddCommand(
		newProjectionList(c, g, f), newProjectionStatus(c, g, f), newProjectionDeploy(c, g, f), newProjectionSwitch(c, g, f),
		newProjectionRollback(c, g, f), newProjectionRebuild(c, g, f), newProjectionDrop(c, g, f), newProjectionRemove(c, g, f),
		newProjectionParked(c, g, f), newProjectionSkipped(c, g, f), newProjectionRetry(c, g, f),
		newProjectionAudit(c, g, f), newProjectionExplain(c, g, f),
		newProjectionCheck(c, g), newProjectionAsOf(c, g))
	return cmd
}

// statuses are the projections of the database, or those that were reported.
func (f *targetFlags) statuses(cmd *cobra.Command, g *globals) (all []projection.Status, err error) {
	if f.url == "" {
		err = withStore(cmd.Context(), g, reading(), func(s cairn.Store) error {
			all, err = projection.Reported(cmd.Context(), s)
			return err
		})
		return all, err
	}
	err = f.with(cmd, g, func(s cairn.Store, db *readmodel.Database) error {
		all, err = projection.Deployments(cmd.Context(), s, db)
		return err
	})
	return all, err
}

func newProjectionList(c *console, g *globals, f *targetFlags) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the projections of a database, or those that were reported",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := f.statuses(cmd, g)
			if err != nil {
				return err
			}
			return printProjections(c, g, all)
		},
	}
}

func printProjections(c *console, g *globals, all []projection.Status) error {
	t := newTable(c, c.out, column{title: "PROJECTION", most: 40, middle: true}, column{title: "VERSION", right: true}, column{title: "BUILD", right: true},
		column{title: "POSITION", right: true}, column{title: "LAG", right: true}, column{title: "PARKED KEYS", right: true}, column{title: "STATE", rest: true})
	for _, s := range all {
		var err error
		if g.json {
			err = c.printJSON(s)
		} else {
			b, _ := s.Build(s.Active)
			err = t.add(printable(s.Projection), count(b.Version), count(s.Active), count(b.Position), count(b.Lag), count(b.ParkedKeys), printable(stateOf(&s)))
		}
		if err != nil {
			return err
		}
	}
	if len(all) == 0 {
		fmt.Fprintln(c.err, c.dim("no projections"))
	}
	return t.flush()
}

// stateOf says in a few words what there is to know of a projection.
func stateOf(s *projection.Status) string {
	for _, b := range s.Builds {
		switch {
		case b.Error != "":
			return b.Error
		case b.Phase == projection.Building || b.Phase == projection.Level:
			return fmt.Sprintf("build %d (version %d) is %s", b.Build, b.Version, b.Phase)
		}
	}
	return "ok"
}
