package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cmd/cairn/internal/readmodel"
	"github.com/cairndb/cairn/projection"
)

const projectionAuditAbout = `Compare the count and hash of what a build has applied with those of the events that
are in the log. The exit status is 1 if an event was lost, applied twice, or applied
out of order.`

var errAudit = errors.New("the read model does not agree with the log")

func newProjectionAudit(c *console, g *globals, f *targetFlags) *cobra.Command {
	build := 0
	cmd := &cobra.Command{
		Use:   "audit NAME",
		Short: "Compare what a projection has applied with the log",
		Long:  projectionAuditAbout,
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd, g, func(s cairn.Store, db *readmodel.Database) error { return audit(cmd, c, g, s, db, args[0], build) })
		},
	}
	cmd.Flags().IntVar(&build, "build", 0, "the build, if not the one that readers see")
	return cmd
}

func audit(cmd *cobra.Command, c *console, g *globals, s cairn.Store, db *readmodel.Database, name string, build int) error {
	m := c.progressOf("reading the log")
	r, err := projection.Audit(cmd.Context(), s, db, name, projection.AuditOptions{Build: build, Progress: m.to})
	m.done()
	if err != nil {
		return err
	}
	if err := printAudit(c, g, &r); err != nil || r.OK() || unclear(&r) {
		return err
	}
	return hinted(errAudit, "build it anew: cairn projection rebuild %s", quote(name))
}

// unclear reports whether nothing worse was found than what cannot be known.
func unclear(r *projection.AuditReport) bool {
	for _, l := range r.Lanes {
		if l.Verdict != projection.OK && l.Verdict != projection.Unclear {
			return false
		}
	}
	return true
}

func printAudit(c *console, g *globals, r *projection.AuditReport) error {
	if g.json {
		return c.printJSON(r)
	}
	facts := []fact{{"projection", printable(r.Projection)}, {"build", fmt.Sprintf("%d (version %d)", r.Build, r.Version)}, {"read", counted(int(r.Read), "event", "events")}}
	if err := printFacts(c, c.out, facts); err != nil {
		return err
	}
	fmt.Fprintln(c.out)
	t := newTable(c, c.out, column{title: "LANE", right: true}, column{title: "POSITION", right: true}, column{title: "APPLIED", right: true},
		column{title: "IN THE LOG", right: true}, column{title: "VERDICT"}, column{title: "FIRST", right: true}, column{title: "LAST", right: true})
	for _, l := range r.Lanes {
		lane, first, last := count(l.Lane), "", ""
		if l.Lane < 0 {
			lane = "all"
		}
		if l.First > 0 {
			first, last = count(l.First), count(l.Last)
		}
		if err := t.add(lane, count(l.Position), count(l.Applied.Count), count(l.Log.Count), string(l.Verdict), first, last); err != nil {
			return err
		}
	}
	return t.flush()
}
