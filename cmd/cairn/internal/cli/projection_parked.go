package cli

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn/cmd/cairn/internal/readmodel"
	"github.com/cairndb/cairn/projection"
)

const projectionParkedAbout = `List the keys that are parked, with why the first of their events failed. An event that
cannot be applied is parked, if the projection says so, and with it what follows
under its key; the rows of other keys go on. When the cause is mended: retry.`

func newProjectionParked(c *console, g *globals, f *targetFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "parked NAME",
		Short: "List what a projection has parked",
		Long:  projectionParkedAbout,
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.open(cmd, func(db *readmodel.Database) error {
				keys, err := projection.Parked(cmd.Context(), db, args[0])
				if err != nil {
					return err
				}
				return printParked(c, g, keys)
			})
		},
	}
}

func printParked(c *console, g *globals, keys []projection.ParkedKey) error {
	slices.SortFunc(keys, func(a, b projection.ParkedKey) int {
		return cmp.Or(cmp.Compare(a.Build, b.Build), cmp.Compare(a.First, b.First))
	})
	t := newTable(c, c.out, column{title: "BUILD", right: true}, column{title: "KEY", most: 30, middle: true}, column{title: "EVENTS", right: true},
		column{title: "FIRST", right: true}, column{title: "SINCE (UTC)"}, column{title: "REASON", rest: true})
	for _, k := range keys {
		var err error
		if g.json {
			err = c.printJSON(k)
		} else {
			err = t.add(count(k.Build), printable(k.Key), count(k.Events), count(k.First), moment(k.Since), printable(k.Reason))
		}
		if err != nil {
			return err
		}
	}
	if len(keys) == 0 {
		fmt.Fprintln(c.err, c.dim("nothing is parked"))
	}
	return t.flush()
}

func newProjectionSkipped(c *console, g *globals, f *targetFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "skipped NAME",
		Short: "List the events that a projection has left out",
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.open(cmd, func(db *readmodel.Database) error {
				all, err := projection.Skipped(cmd.Context(), db, args[0])
				if err != nil {
					return err
				}
				return printSkipped(c, g, all)
			})
		},
	}
}

func printSkipped(c *console, g *globals, all []projection.SkippedEvent) error {
	t := newTable(c, c.out, column{title: "BUILD", right: true}, column{title: "POSITION", right: true}, column{title: "TYPE", most: 30, middle: true},
		column{title: "STREAM", most: 30, middle: true}, column{title: "REVISION", right: true}, column{title: "REASON", rest: true})
	for _, e := range all {
		var err error
		if g.json {
			err = c.printJSON(e)
		} else {
			err = t.add(count(e.Build), count(e.Position), printable(e.Type), printable(e.Stream), count(e.Revision), printable(e.Reason))
		}
		if err != nil {
			return err
		}
	}
	if len(all) == 0 {
		fmt.Fprintln(c.err, c.dim("nothing was left out"))
	}
	return t.flush()
}
