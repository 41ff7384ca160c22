package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/internal/importer"
)

const importAbout = `Import events from a file of lines (NDJSON), or from standard input if FILE is -.
Files packed with gzip or zstd are recognised. A line is

  {"id":"UUID","stream":"order-1","type":"order.placed","data":{},"metadata":{},
   "created":"2024-05-01T10:00:00Z","tags":["customer:ann"],"format":"json"}

id, stream and type are needed. Data and metadata that are not JSON are given as
data_base64 and metadata_base64. revision and position are ignored. IDs and
times are kept, and the order of the lines becomes the order of the log.

An event is known by its stream and ID and never stored twice. So whatever ends
an import, running it again goes on from there, and running it once more stores
nothing. For a broken line the import stops: the lines before it are stored, none
after it. --skip-invalid leaves broken lines out instead.

The system's events can be imported too: $metadata events rule the stream they
describe as they did before. $streamDeleted closes its stream; the store writes
that event itself, with a new ID and time. A stream that was deleted and then
written to again gets one $metadata event more, which the store writes itself.

` + fromAbout

const importExamples = `  cairn import history.ndjson.gz
  cairn import history.ndjson --dry-run
  cairn import history.ndjson --skip-invalid --rejects broken.ndjson
  cairn export --store old | cairn import - --store new
  cairn import --from 'kurrentdb://admin:changeit@db.example.com:2113'`

// importFlags are the flags of import, as they were given.
type importFlags struct {
	skip    bool
	rejects string
	dryRun  bool
	copyFlags
}

func newImport(c *console, g *globals) *cobra.Command {
	var f importFlags
	cmd := &cobra.Command{
		Use:     "import FILE",
		Short:   "Import events from a file of lines, or from KurrentDB",
		Long:    importAbout,
		Example: importExamples,
		Args:    func(cmd *cobra.Command, args []string) error { return f.args(cmd, args) },
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.url != "" {
				return f.copyFrom(cmd, c, g)
			}
			if f.rejects != "" && !f.skip {
				return usage(cmd, errors.New("--rejects is of use with --skip-invalid only"))
			}
			return f.run(cmd.Context(), c, g, args[0])
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.skip, "skip-invalid", false, "leave broken lines out, list and count them")
	flags.StringVar(&f.rejects, "rejects", "", "file to write the lines to that were left out")
	flags.BoolVar(&f.dryRun, "dry-run", false, "check everything and store nothing")
	f.copyFlags.add(cmd, "from", "import from")
	return cmd
}

func (f *importFlags) run(ctx context.Context, c *console, g *globals, path string) (err error) {
	in, err := openInput(ctx, c, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	left, err := newRejects(c, f.rejects)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, left.close()) }()
	return f.withTarget(ctx, g, func(s cairn.Store) error { return f.transfer(ctx, c, g, s, in, left) })
}

// withTarget opens what is imported into. A dry run changes nothing, so where
// there is no store it has an empty one in memory.
func (f *importFlags) withTarget(ctx context.Context, g *globals, fn func(cairn.Store) error) error {
	if !f.dryRun {
		return withStore(ctx, g, disk.Options{}, fn)
	}
	if g.server != "" || !vacant(g.store) {
		return withStore(ctx, g, reading(), fn)
	}
	s, err := disk.OpenMemory(nil)
	if err != nil {
		return err
	}
	return errors.Join(fn(s), s.Close())
}

// vacant reports whether a directory is empty or missing.
func vacant(dir string) bool {
	entries, err := os.ReadDir(dir)
	return len(entries) == 0 && (err == nil || errors.Is(err, os.ErrNotExist))
}

func (f *importFlags) transfer(ctx context.Context, c *console, g *globals, s importer.Store, in *input, left *rejects) error {
	m := c.newMeter("importing", in.total, true)
	o := importer.Options{DryRun: f.dryRun, Progress: func(sum importer.Summary) {
		m.note(count(sum.Stored + sum.Known))
		m.reach(in.read.Load())
	}}
	if f.skip {
		o.Invalid = left.add
	}
	start := time.Now()
	sum, err := importer.Import(ctx, s, in, o)
	m.done()
	if err != nil {
		return f.explain(err, sum)
	}
	left.summarise()
	return f.report(c, g, sum, time.Since(start))
}

// explain adds what became of the lines before the one that failed.
func (f *importFlags) explain(err error, sum importer.Summary) error {
	stored := counted(sum.Stored, "event was stored", "events were stored")
	if f.dryRun {
		stored = "this was a dry run, nothing was stored"
	}
	if _, ok := errors.AsType[*importer.LineError](err); ok {
		return hinted(err, "%s; mend the line and run this again, or leave broken lines out with --skip-invalid", stored)
	}
	return hinted(err, "%s; run this again to go on from there", stored)
}

// imported is the answer of import.
type imported struct {
	importer.Summary
	DryRun  bool    `json:"dry_run"`
	Seconds float64 `json:"seconds"`
}

func (f *importFlags) report(c *console, g *globals, sum importer.Summary, d time.Duration) error {
	if g.json {
		return c.printJSON(imported{sum, f.dryRun, d.Seconds()})
	}
	verb := "stored"
	if f.dryRun {
		verb = "would store"
	}
	text := fmt.Sprintf("%s %s in %s (%s)\n", verb, counted(sum.Stored, "event", "events"), took(d), rate(sum.Stored+sum.Known, d))
	if sum.Known > 0 {
		text += counted(sum.Known, "line was", "lines were") + " there already\n"
	}
	if sum.Invalid > 0 {
		text += counted(sum.Invalid, "broken line was", "broken lines were") + " left out\n"
	}
	_, err := fmt.Fprint(c.out, text)
	return err
}
