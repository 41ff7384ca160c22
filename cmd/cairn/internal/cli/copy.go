package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cmd/cairn/internal/kurrentdb"
)

const fromAbout = `With --from the events come from a KurrentDB instead, in the order of its log,
with their IDs and times, the metadata of streams and their deletions. Whatever
ends such an import, running it again goes on from there. At the end both sides
are counted and summed stream by stream; the exit status is 1 if any differs.
Streams of the system are left out without --system.

A stream whose first events were scavenged begins at revision 0 here; what its
metadata truncates moves with it.`

const toAbout = `With --to the events go to a KurrentDB instead. It sets their times itself and
has no tags, so those are lost. They are appended strictly in order, so whatever
ends such an export, running it again goes on from there; where the KurrentDB was
scavenged since, --after says up to where all is there. Nobody else may write to the
same streams. At the end both sides are counted and summed stream by stream; the
exit status is 1 if any differs. Streams of the system are left out without
--system.`

// copyFlags are the flags of a copy from or to a KurrentDB, as they were given.
type copyFlags struct {
	url    string
	system bool
}

func (f *copyFlags) add(cmd *cobra.Command, flag, what string) {
	cmd.Flags().StringVar(&f.url, flag, "", what+" a KurrentDB at this `URL`, such as kurrentdb://host:2113")
	cmd.Flags().BoolVar(&f.system, "system", false, "with --"+flag+": copy streams of the system too")
}

// args wants a file or a KurrentDB, and flags that fit.
func (f *importFlags) args(cmd *cobra.Command, args []string) error {
	if f.url == "" {
		if f.system {
			return usage(cmd, errors.New("--system is of use with --from only"))
		}
		return exactly("FILE")(cmd, args)
	}
	if !kurrentdb.Names(f.url) {
		return usage(cmd, errNotKurrentDB)
	}
	return errors.Join(exclusive(cmd, "from", "skip-invalid"), exactly()(cmd, args))
}

// check wants flags that fit, of an export to a KurrentDB or to a file.
func (f *exportFlags) check(cmd *cobra.Command) error {
	switch {
	case f.url == "" && f.system:
		return usage(cmd, errors.New("--system is of use with --to only"))
	case f.url == "" && f.dryRun:
		return usage(cmd, errors.New("--dry-run is of use with --to only"))
	case f.url != "" && !kurrentdb.Names(f.url):
		return usage(cmd, errNotKurrentDB)
	}
	return errors.Join(exclusive(cmd, "to", "output"), exclusive(cmd, "to", "as-of"))
}

var errNotKurrentDB = errors.New("the URL is not that of a KurrentDB, such as kurrentdb://host:2113; between two stores of Cairn, pipe an export into an import")

func (f *importFlags) copyFrom(cmd *cobra.Command, c *console, g *globals) error {
	return f.withTarget(cmd.Context(), g, func(s cairn.Store) error {
		return f.copy(c, g, f.dryRun, func(db *kurrentdb.DB, o kurrentdb.Options) (kurrentdb.Report, error) {
			return kurrentdb.Import(cmd.Context(), db, s, o)
		})
	})
}

func (f *exportFlags) copyTo(cmd *cobra.Command, c *console, g *globals) error {
	which := cairn.AllOptions{Query: f.query(), NoSystem: f.noSystem}
	which.After, which.Before = f.span.log()
	return withStore(cmd.Context(), g, reading(), func(s cairn.Store) error {
		return f.copy(c, g, f.dryRun, func(db *kurrentdb.DB, o kurrentdb.Options) (kurrentdb.Report, error) {
			return kurrentdb.Export(cmd.Context(), s, which, db, o)
		})
	})
}

// copy connects, runs a copy and says what came of it.
func (f *copyFlags) copy(c *console, g *globals, dryRun bool, run func(*kurrentdb.DB, kurrentdb.Options) (kurrentdb.Report, error)) error {
	db, err := kurrentdb.Open(f.url)
	if err != nil {
		return err
	}
	m := c.newMeter("copying", -1, false)
	o := kurrentdb.Options{System: f.system, DryRun: dryRun, Progress: func(read int64, comparing bool) {
		if comparing {
			m.what = "comparing"
		}
		m.note("")
		m.reach(read)
	}}
	start := time.Now()
	r, err := run(db, o)
	m.done()
	err = errors.Join(err, db.Close())
	switch {
	case err != nil && dryRun:
		return err
	case err != nil:
		return hinted(err, "%s; run this again to go on from there", counted(r.Stored, "event was copied", "events were copied"))
	}
	if err := printCopy(c, g, r, dryRun, time.Since(start)); err != nil || len(r.Differ) == 0 {
		return err
	}
	return hinted(fmt.Errorf("%s not the same on both sides", counted(len(r.Differ), "stream is", "streams are")),
		"either somebody else wrote to them, or the copy is broken; what is in the source is as it was")
}

// copied is the answer of a copy.
type copied struct {
	kurrentdb.Report
	DryRun  bool    `json:"dry_run"`
	Seconds float64 `json:"seconds"`
}

func printCopy(c *console, g *globals, r kurrentdb.Report, dryRun bool, d time.Duration) error {
	if g.json {
		return c.printJSON(copied{r, dryRun, d.Seconds()})
	}
	verb := "copied"
	if dryRun {
		verb = "would copy"
	}
	text := fmt.Sprintf("%s %s in %s (%s)\n", verb, counted(r.Stored, "event", "events"), took(d), rate(r.Stored+r.Known, d))
	if r.Known > 0 {
		text += counted(r.Known, "event was", "events were") + " there already\n"
	}
	if r.Moved > 0 {
		text += counted(r.Moved, "stream begins", "streams begin") + " behind revision 0 in the source, and at 0 in the copy\n"
	}
	if r.Untagged > 0 {
		text += counted(r.Untagged, "event", "events") + " lost tags, which KurrentDB does not have\n"
	}
	_, err := fmt.Fprint(c.out, text+compared(r))
	return err
}

// compared says how the two sides are the same, or where they are not.
func compared(r kurrentdb.Report) (text string) {
	if r.Compared && len(r.Differ) == 0 {
		return fmt.Sprintf("compared: %s in %s are the same on both sides, sum %v\n",
			counted(r.Events, "event", "events"), counted(r.Streams, "stream", "streams"), r.Sum)
	}
	for i, d := range r.Differ {
		if i == listed {
			return text + fmt.Sprintf("and %s\n", counted(len(r.Differ)-listed, "stream more", "streams more"))
		}
		text += fmt.Sprintf("%s: %s\n", printable(d.Stream), printable(d.What))
	}
	return text
}
