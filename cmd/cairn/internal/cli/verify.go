package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

const verifyAbout = `Read everything in a store: check every checksum, revision and position, and
compare the index with the log. Nothing is changed, and no other process may
have the store open.

The exit status is 0 if all is well and 1 if anything is damaged. What a crash
cut off at the end of the log was never acknowledged and is no damage; the next
open drops it.`

func newVerify(c *console, g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "verify",
		Short:   "Read everything and check it",
		Long:    verifyAbout,
		Example: "  cairn verify\n  cairn verify --store /srv/cairn --json",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := g.here(cmd, "it reads the files of a store; run it where they are, with --store, when no server has them open"); err != nil {
				return err
			}
			return verify(cmd.Context(), c, g)
		},
	}
}

func verify(ctx context.Context, c *console, g *globals) error {
	var m *meter
	start := time.Now()
	report, err := disk.Verify(ctx, g.store, &disk.VerifyOptions{Progress: func(done, total int64) {
		if m == nil {
			m = c.newMeter("verifying", total, true)
		}
		m.reach(done)
	}})
	if m != nil {
		m.done()
	}
	if err != nil && (len(report.Problems) == 0 || ctx.Err() != nil) {
		return err
	}
	if err := printReport(c, g, report, time.Since(start)); err != nil {
		return err
	}
	if n := len(report.Problems); n > 0 {
		return hinted(fmt.Errorf("the store is damaged: %s", counted(n, "problem", "problems")),
			"keep the damaged files; restore the store from a backup or an export")
	}
	return nil
}

// A problem is one thing that is wrong.
type problem struct {
	Path     string         `json:"path,omitempty"`
	Offset   int64          `json:"offset"`
	Position cairn.Position `json:"position,omitempty"`
	Problem  string         `json:"problem"`
	Hint     string         `json:"hint,omitempty"`
}

func newProblem(err error) problem {
	if e, ok := errors.AsType[*cairn.CorruptError](err); ok {
		return problem{e.Path, e.Offset, e.Position, e.Problem, e.Hint}
	}
	return problem{Problem: message(err), Hint: hintFor(err)}
}

// print prints the problem over some lines, since paths are long.
func (p problem) print(c *console, n int) {
	title := fmt.Sprintf("problem %d:", n)
	lines := []string{p.Problem}
	if p.Path != "" {
		place := fmt.Sprintf("at byte %d", p.Offset)
		if p.Position > 0 {
			place += fmt.Sprintf(", position %d", p.Position)
		}
		lines = []string{p.Path, place, p.Problem}
	}
	if p.Hint != "" {
		lines = append(lines, "hint: "+p.Hint)
	}
	fmt.Fprintf(c.out, "\n%s %s\n", c.paint(c.outTerminal, "31", title), printable(lines[0]))
	for _, line := range lines[1:] {
		for _, part := range wrap(printable(line), c.width-3) {
			fmt.Fprintf(c.out, "   %s\n", part)
		}
	}
}

func printReport(c *console, g *globals, r disk.Report, d time.Duration) error {
	problems := make([]problem, 0, len(r.Problems))
	for _, err := range r.Problems {
		problems = append(problems, newProblem(err))
	}
	if g.json {
		return c.printJSON(struct {
			disk.Report
			OK       bool      `json:"ok"`
			Problems []problem `json:"problems"`
		}{r, len(problems) == 0, problems})
	}
	if err := printFacts(c, c.out, reportFacts(r, d)); err != nil {
		return err
	}
	for i, p := range problems {
		p.print(c, i+1)
	}
	if len(problems) == 0 {
		fmt.Fprintln(c.out, c.paint(c.outTerminal, "32", "no problems"))
	}
	return nil
}

func reportFacts(r disk.Report, d time.Duration) []fact {
	facts := []fact{
		{"store", r.Store.String()},
		{"read", size(r.Bytes) + " in " + counted(r.Segments, "segment", "segments") + ", " + took(d)},
		{"batches", count(r.Batches)},
		{"events", count(r.Events) + " in " + counted(r.Streams, "stream", "streams")},
		{"head", count(r.Head)},
		{"index", counted(r.IndexEntries, "entry", "entries") + " compared, up to position " + count(r.IndexReached)},
	}
	if r.TornBytes > 0 {
		facts = append(facts, fact{"torn", counted(r.TornBytes, "byte", "bytes") + " cut off by a crash, never acknowledged; the next open drops them"})
	}
	return facts
}
