package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/ndjson"
)

const exportAbout = `Export events as lines (NDJSON) in the order of the log, to standard output or a
file. A name that ends in .gz or .zst is packed so. The file appears under its
name when it is complete.

The lines are those that cairn import reads, and nothing is lost on the way: data
and metadata stand byte for byte as they were stored, as data_base64 and
metadata_base64 where they are not JSON on one line. tags and format are given
where there are any.

Everything is exported that the log holds: also the system's events, and events
that the metadata of their stream hides, so that a store which imports them all
stands where this one stands. With filters it may not; --no-system leaves out
streams and types that begin with $.

` + toAbout + "\n\n" + filterAbout

const exportExamples = `  cairn export > history.ndjson
  cairn export --output history.ndjson.zst
  cairn export --category order --no-system --output orders.ndjson.gz
  cairn export --after 129761 >> history.ndjson
  cairn export --to 'kurrentdb://admin:changeit@db.example.com:2113'`

// exportFlags are the flags of export, as they were given.
type exportFlags struct {
	filterFlags
	span   spanFlags
	output string
	dryRun bool
	copyFlags
}

func newExport(c *console, g *globals) *cobra.Command {
	var f exportFlags
	cmd := &cobra.Command{
		Use:     "export",
		Short:   "Export events as a file of lines, or to KurrentDB",
		Long:    exportAbout,
		Example: exportExamples,
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(exclusive(cmd, "from", "after"), f.parse(cmd), f.check(cmd)); err != nil {
				return err
			}
			if f.url != "" {
				return f.copyTo(cmd, c, g)
			}
			return withStore(cmd.Context(), g, reading(), func(s cairn.Store) error { return f.run(cmd.Context(), c, g, s) })
		},
	}
	f.filterFlags.add(cmd)
	f.span.add(cmd)
	f.copyFlags.add(cmd, "to", "export to")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "with --to: say what there is to copy and copy nothing")
	cmd.Flags().StringVarP(&f.output, "output", "o", "", "file to write (default: standard output)")
	return cmd
}

func (f *exportFlags) run(ctx context.Context, c *console, g *globals, s cairn.Store) error {
	if f.output == "" {
		_, err := f.write(ctx, c, s, c.out)
		return err
	}
	o, err := createOutput(f.output)
	if err != nil {
		return err
	}
	n, err := f.write(ctx, c, s, o)
	if err != nil {
		return hinted(errors.Join(err, o.discard()), "%s was not written", f.output)
	}
	if err := o.finish(); err != nil {
		return err
	}
	if g.json {
		return c.printJSON(map[string]any{"events": n, "output": f.output})
	}
	_, err = fmt.Fprintf(c.out, "exported %s to %s\n", counted(n, "event", "events"), printable(f.output))
	return err
}

// write writes the lines and returns how many.
func (f *exportFlags) write(ctx context.Context, c *console, s cairn.Store, w io.Writer) (n int64, err error) {
	info, err := s.Info(ctx)
	if err != nil {
		return 0, err
	}
	o := cairn.AllOptions{Query: f.query(), NoSystem: f.noSystem}
	o.After, o.Before = f.span.log()
	m := f.meter(c, w, o, info.Head)
	defer m.done()
	o.Progress = func(at cairn.Position) { m.reach(int64(at - o.After)) }
	out := bufio.NewWriterSize(w, 256<<10)
	var line []byte
	for e, err := range only(s.ReadAll(ctx, o), f.early) {
		if err != nil {
			return n, errors.Join(err, out.Flush())
		}
		line = append(ndjson.Append(line[:0], &e), '\n')
		if w == c.out && c.outTerminal {
			line = harmlessJSON(line)
		}
		if _, err := out.Write(line); err != nil {
			return n, err
		}
		if n++; n%1024 == 0 {
			m.reach(int64(e.Position - o.After))
		}
	}
	return n, out.Flush()
}

// meter counts positions. Lines on the same terminal would run into it.
func (f *exportFlags) meter(c *console, w io.Writer, o cairn.AllOptions, head cairn.Position) *meter {
	if w == c.out && c.outTerminal {
		return &meter{}
	}
	if o.Before > 0 && o.Before <= head {
		head = o.Before - 1
	}
	return c.newMeter("exporting", int64(max(head, o.After)-o.After), false)
}
