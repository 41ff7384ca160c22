package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cmd/cairn/internal/readmodel"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/declared"
)

const projectionCheckAbout = `Try what a file declares on the history that it will meet, before it is deployed: one
event of each type and shape in the log is applied, with what came before it, to a
database of its own that is thrown away. The exit status is 1 if something breaks.`

func newProjectionCheck(c *console, g *globals) *cobra.Command {
	f := &projectFlags{}
	cmd := &cobra.Command{
		Use:     "check -f FILE",
		Short:   "Try what a file declares on every kind of event in the log",
		Long:    projectionCheckAbout,
		Example: "  cairn projection check -f orders.yaml --store orders",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := f.definition(cmd)
			if err != nil {
				return err
			}
			return withScratch(cmd.Context(), func(db *readmodel.Database) error {
				return withStore(cmd.Context(), g, reading(), func(s cairn.Store) error { return checkHistory(cmd.Context(), c, g, s, db, d) })
			})
		},
	}
	f.addFile(cmd)
	return cmd
}

// withScratch opens a database that is removed afterwards.
func withScratch(ctx context.Context, fn func(*readmodel.Database) error) (err error) {
	dir, err := os.MkdirTemp("", "cairn-check-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, err := readmodel.Open(ctx, "sqlite:"+filepath.Join(dir, "scratch.db"))
	if err != nil {
		return err
	}
	return errors.Join(fn(db), db.Close())
}

func checkHistory(ctx context.Context, c *console, g *globals, s cairn.Store, db *readmodel.Database, d *declared.Definition) error {
	m := c.progressOf("reading the log")
	r, err := projection.Check(ctx, s, projection.CheckOptions{Progress: m.to}, projection.Projects(db, d.Projection(db.Dialect)))
	m.done()
	if err != nil {
		return err
	}
	if err := printFindings(c, g, &r); err != nil {
		return err
	}
	if n := len(r.With(projection.Breaks)); n > 0 {
		return fmt.Errorf("%s cannot bear %s of events", d.Name, counted(n, "shape", "shapes"))
	}
	return nil
}

func printFindings(c *console, g *globals, r *projection.CheckReport) error {
	t := newTable(c, c.out, column{title: "OUTCOME"}, column{title: "TYPE", most: 24, middle: true}, column{title: "EVENTS", right: true},
		column{title: "EXAMPLE", right: true}, column{title: "SHAPE", most: 40}, column{title: "ERROR", rest: true})
	for _, outcome := range []projection.Outcome{projection.Breaks, projection.Unjudged, projection.Fine} {
		for _, f := range r.With(outcome) {
			text := ""
			if f.Err != nil {
				text = f.Err.Error()
			}
			var err error
			if g.json {
				err = c.printJSON(f)
			} else {
				err = t.add(string(f.Outcome), printable(f.Type), count(f.Count), count(f.Example), printable(f.Shape), printable(text))
			}
			if err != nil {
				return err
			}
		}
	}
	if len(r.Findings) == 0 {
		fmt.Fprintln(c.err, c.dim("the log has no such events"))
	}
	return t.flush()
}

// A logMeter shows how far the log has been read, once it is known how long it is.
type logMeter struct {
	c    *console
	what string
	bar  *meter
}

func (c *console) progressOf(what string) *logMeter { return &logMeter{c: c, what: what} }

func (m *logMeter) to(at, end cairn.Position) {
	if m.bar == nil {
		m.bar = m.c.newMeter(m.what, int64(end), false)
	}
	m.bar.reach(int64(at))
}

func (m *logMeter) done() {
	if m.bar != nil {
		m.bar.done()
	}
}
