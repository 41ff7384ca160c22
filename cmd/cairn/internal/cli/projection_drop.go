package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn/cmd/cairn/internal/readmodel"
	"github.com/cairndb/cairn/projection"
)

// dropped is what was removed.
type dropped struct {
	Projection string `json:"projection"`
	Build      int    `json:"build,omitempty"` // zero means all
}

func newProjectionDrop(c *console, g *globals, f *targetFlags) *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:   "drop NAME BUILD",
		Short: "Drop a build that readers do not see",
		Long: `Drop a build: its tables and all that was remembered of it. The programs that run
it end. The build that readers see cannot be dropped; remove takes everything.`,
		Args: exactly("NAME", "BUILD"),
		RunE: func(cmd *cobra.Command, args []string) error {
			build, err := buildNumber(cmd, args[1])
			if err != nil {
				return err
			}
			return f.open(cmd, func(db *readmodel.Database) error {
				if err := c.confirm(yes, fmt.Sprintf("Drop the tables of build %d of %s", build, printable(args[0]))); err != nil {
					return err
				}
				if err := projection.Drop(cmd.Context(), db, args[0], build); err != nil {
					return err
				}
				return c.say(g, dropped{args[0], build}, "dropped build %d of %s", build, printable(args[0]))
			})
		},
	}
	addYes(cmd, &yes)
	return cmd
}

func newProjectionRemove(c *console, g *globals, f *targetFlags) *cobra.Command {
	yes := false
	cmd := &cobra.Command{
		Use:   "remove NAME",
		Short: "Remove a projection with all of its builds",
		Long: `Remove a projection: the tables of all its builds, the names that readers use, and
all that was remembered. The programs that run it end. The events stay where they
are, so that it can be built again.`,
		Args: exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.open(cmd, func(db *readmodel.Database) error {
				if err := c.confirm(yes, fmt.Sprintf("Remove all tables of %s, also those that readers see", printable(args[0]))); err != nil {
					return err
				}
				if err := projection.Remove(cmd.Context(), db, args[0]); err != nil {
					return err
				}
				return c.say(g, dropped{args[0], 0}, "removed %s", printable(args[0]))
			})
		},
	}
	addYes(cmd, &yes)
	return cmd
}
