package cli

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/saga"
)

const sagaAbout = `Look at sagas: processes that span streams and services.

An instance whose next event could not be handled is parked by the saga's group,
saga-NAME: when the cause is mended, have it go on with
"cairn group replay saga-NAME --key ID".`

const sagaListAbout = `List the instances that have not ended, and those that could not start, of a saga
or of all.`

const sagaStuckAbout = `List the instances that somebody should look at: of which events are parked, or
that have made no step for an hour, or as long as --older-than says.`

func newSaga(c *console, g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "saga",
		Short: "Look at sagas",
		Long:  sagaAbout,
		Args:  unknownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSagaList(c, g), newSagaStuck(c, g), newSagaShow(c, g))
	return cmd
}

func newSagaList(c *console, g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "list [NAME]",
		Aliases: []string{"ls"},
		Short:   "List the instances that have not ended",
		Long:    sagaListAbout,
		Args:    maybeName,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd.Context(), g, reading(), func(s cairn.Store) error {
				return printInstances(cmd.Context(), c, g, s, args, func(name string) iter.Seq2[saga.Instance, error] {
					return saga.List(cmd.Context(), s, name)
				})
			})
		},
	}
}

func newSagaStuck(c *console, g *globals) *cobra.Command {
	olderThan := time.Hour
	cmd := &cobra.Command{
		Use:     "stuck [NAME]",
		Short:   "List the instances that somebody should look at",
		Long:    sagaStuckAbout,
		Example: "  cairn saga stuck orders --older-than 24h",
		Args:    maybeName,
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd.Context(), g, reading(), func(s cairn.Store) error {
				return printInstances(cmd.Context(), c, g, s, args, func(name string) iter.Seq2[saga.Instance, error] {
					return saga.Stuck(cmd.Context(), s, name, olderThan)
				})
			})
		},
	}
	cmd.Flags().DurationVar(&olderThan, "older-than", olderThan, "how `LONG` without a step is too long")
	return cmd
}

// maybeName takes the name of a saga, or nothing.
func maybeName(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return exactly("NAME")(cmd, args)
}

// sagas are those that were named, or all that somebody has run.
func sagas(ctx context.Context, s cairn.Store, named []string) ([]string, error) {
	if len(named) > 0 {
		return named, nil
	}
	return saga.Names(ctx, s)
}

func printInstances(ctx context.Context, c *console, g *globals, s cairn.Store, named []string, of func(string) iter.Seq2[saga.Instance, error]) error {
	names, err := sagas(ctx, s, named)
	if err != nil {
		return err
	}
	t := newTable(c, c.out, column{title: "SAGA", most: 20, middle: true}, column{title: "ID", most: 36, middle: true}, column{title: "STATUS"},
		column{title: "STEPS", right: true}, column{title: "SINCE (UTC)"}, column{title: "WAITS FOR", rest: true})
	none := true
	for _, name := range names {
		for in, err := range of(name) {
			if err == nil {
				none, err = false, printInstance(c, g, t, &in)
			}
			if err != nil {
				return err
			}
		}
	}
	if none {
		fmt.Fprintln(c.err, c.dim("no instances"))
	}
	return t.flush()
}

func printInstance(c *console, g *globals, t *table, in *saga.Instance) error {
	if g.json {
		return c.printJSON(instanceJSON(in, false))
	}
	since := ""
	if !in.Since.IsZero() {
		since = in.Since.UTC().Format(time.DateTime)
	}
	return t.add(printable(in.Saga), printable(in.ID), string(in.Status), count(len(in.Steps)), since, printable(waitsFor(in)))
}

// waitsFor is what an instance waits for, in words.
func waitsFor(in *saga.Instance) string {
	if in.ParkedEvents > 0 {
		return "somebody to mend: " + in.Parked
	}
	var all []string
	for _, w := range in.Timers {
		all = append(all, w.Name+" at "+w.Due.UTC().Format(time.DateTime))
	}
	return strings.Join(all, ", ")
}
