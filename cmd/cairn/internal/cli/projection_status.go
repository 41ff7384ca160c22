package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cmd/cairn/internal/readmodel"
	"github.com/cairndb/cairn/projection"
)

const projectionStatusAbout = `Say how far each build of a projection is, which one readers see, and how fast
those that are being loaded are. The rate and the time of arrival are known of
builds whose program reports to this store.`

func newProjectionStatus(c *console, g *globals, f *targetFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "status NAME",
		Short: "Say how far the builds of a projection are",
		Long:  projectionStatusAbout,
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := f.status(cmd, g, args[0])
			if err != nil {
				return err
			}
			if g.json {
				return c.printJSON(s)
			}
			return printProjection(c, &s)
		},
	}
}

// status is that of one projection.
func (f *targetFlags) status(cmd *cobra.Command, g *globals, name string) (status projection.Status, err error) {
	if f.url == "" {
		err = withStore(cmd.Context(), g, reading(), func(s cairn.Store) error {
			status, err = projection.ReportedOf(cmd.Context(), s, name)
			return err
		})
		return status, err
	}
	err = f.with(cmd, g, func(s cairn.Store, db *readmodel.Database) error {
		if status, err = projection.StatusOf(cmd.Context(), s, db, name); err == nil {
			status = rated(cmd.Context(), s, status)
		}
		return err
	})
	return status, err
}

// rated adds what only the programs know: how fast they are, and why not. Without
// their reports it is not known.
func rated(ctx context.Context, store cairn.Store, s projection.Status) projection.Status {
	reported, err := projection.ReportedOf(ctx, store, s.Projection)
	if err != nil {
		return s
	}
	for i := range s.Builds {
		if b, ok := reported.Build(s.Builds[i].Build); ok {
			s.Builds[i].Rate, s.Builds[i].ETA, s.Builds[i].Error, s.Builds[i].Down = b.Rate, b.ETA, b.Error, b.Down
		}
	}
	return s
}

func printProjection(c *console, s *projection.Status) error {
	facts := []fact{{"projection", printable(s.Projection)}, {"readers see", seen(s)}, {"head", count(s.Head)}}
	if s.Previous > 0 {
		facts = append(facts, fact{"rolls back to", fmt.Sprint("build ", s.Previous)})
	}
	if err := printFacts(c, c.out, facts); err != nil {
		return err
	}
	fmt.Fprintln(c.out)
	t := newTable(c, c.out, column{title: "BUILD", right: true}, column{title: "VERSION", right: true}, column{title: "PHASE"}, column{title: "POSITION", right: true},
		column{title: "LAG", right: true}, column{title: "OLDEST WAITS", right: true}, column{title: "APPLIED", right: true}, column{title: "RATE/S", right: true}, column{title: "LEVEL IN"},
		column{title: "PARKED", right: true}, column{title: "SKIPPED", right: true}, column{title: "DROPPED AT (UTC)"}, column{title: "ERROR", rest: true})
	for _, b := range s.Builds {
		err := t.add(count(b.Build), count(b.Version), string(b.Phase), count(b.Position), count(b.Lag), waiting(&b), count(b.Applied), speed(b.Rate), until(s.At, b.ETA),
			count(b.Parked), count(b.Skipped), moment(b.DropAt), printable(b.Error))
		if err != nil {
			return err
		}
	}
	return t.flush()
}

func seen(s *projection.Status) string {
	b, ok := s.Build(s.Active)
	if !ok {
		return "nothing yet"
	}
	return fmt.Sprintf("build %d (version %d)", b.Build, b.Version)
}

func speed(perSecond float64) string {
	if perSecond == 0 {
		return ""
	}
	return count(int64(perSecond + 0.5))
}

// waiting is how long the oldest event waits that the build has yet to pass.
func waiting(b *projection.BuildStatus) string {
	if b.Oldest.IsZero() {
		return ""
	}
	return b.Behind(time.Now()).Truncate(time.Millisecond).String()
}

func until(now, eta time.Time) string {
	if eta.IsZero() {
		return ""
	}
	return max(eta.Sub(now), 0).Round(time.Second).String()
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateTime)
}
