package cli

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cmd/cairn/internal/readmodel"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/declared"
)

const projectionAsOfAbout = `Print the rows of a read model that a file declares as they were at a moment, or at a
position of the log: of one key, or with --all of everything. The events until then
are folded in a database of its own that is thrown away; the read model that is in
use is not touched.`

// asOfFlags are the flags of as-of.
type asOfFlags struct {
	projectFlags
	key, time string
	position  uint64
	all       bool
}

func newProjectionAsOf(c *console, g *globals) *cobra.Command {
	f := &asOfFlags{}
	cmd := &cobra.Command{
		Use:     "as-of -f FILE",
		Short:   "Print rows as they were at a past moment",
		Long:    projectionAsOfAbout,
		Example: "  cairn projection as-of -f orders.yaml --key order-7 --time 2026-01-31\n  cairn projection as-of -f orders.yaml --all --position 1200",
		Args:    exactly(),
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd, c, g) },
	}
	f.addFile(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.key, "key", "", "fold the events of this key: the stream, if the file names no other")
	flags.BoolVar(&f.all, "all", false, "fold all events")
	flags.StringVar(&f.time, "time", "", "the moment, such as 2026-01-31 or 2026-01-31T10:00:00Z")
	flags.Uint64Var(&f.position, "position", 0, "the position of the last event that counts")
	return cmd
}

func (f *asOfFlags) run(cmd *cobra.Command, c *console, g *globals) error {
	if (f.key != "") == f.all {
		return usage(cmd, errors.New("either --key or --all says which events to fold"))
	}
	o := projection.AsOfOptions{Key: f.key, All: f.all, Position: cairn.Position(f.position)}
	if f.time != "" {
		t, err := parseTime("time", f.time)
		if err != nil {
			return usage(cmd, err)
		}
		o.Time = t
	}
	d, err := f.definition(cmd)
	if err != nil {
		return err
	}
	return withScratch(cmd.Context(), func(db *readmodel.Database) error {
		return withStore(cmd.Context(), g, reading(), func(s cairn.Store) error {
			return projection.AsOf(cmd.Context(), s, db, d.Projection(db.Dialect), o, func(ctx context.Context, tx *sql.Tx, n projection.Names) error {
				return printTables(ctx, c, g, tx, d, n)
			})
		})
	})
}

func printTables(ctx context.Context, c *console, g *globals, tx *sql.Tx, d *declared.Definition, n projection.Names) error {
	for i := range d.Tables {
		if err := printTable(ctx, c, g, tx, &d.Tables[i], n); err != nil {
			return err
		}
	}
	return nil
}

// printTable prints the rows of a table, in the order of its key.
func printTable(ctx context.Context, c *console, g *globals, tx *sql.Tx, t *declared.Table, n projection.Names) (err error) {
	rows, err := tx.QueryContext(ctx, t.Select(declared.SQLite, n))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns := []column{{title: "TABLE"}}
	for _, col := range t.Columns {
		columns = append(columns, column{title: col.Name, right: col.Type == "integer" || col.Type == "number"})
	}
	out := newTable(c, c.out, columns...)
	for rows.Next() {
		if err := printRow(c, g, out, t, rows); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), out.flush())
}

func printRow(c *console, g *globals, out *table, t *declared.Table, rows *sql.Rows) error {
	values, into := make([]any, len(t.Columns)), make([]any, len(t.Columns))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		return err
	}
	if g.json {
		row := map[string]any{"table": t.Name}
		for i, col := range t.Columns {
			row[col.Name] = values[i]
		}
		return c.printJSON(row)
	}
	cells := []string{t.Name}
	for _, v := range values {
		cells = append(cells, cell(v))
	}
	return out.add(cells...)
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano)
	}
	return printable(fmt.Sprint(v))
}
