package cli

import (
	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cmd/cairn/internal/readmodel"
	"github.com/cairndb/cairn/projection"
)

func newProjectionExplain(c *console, g *globals, f *targetFlags) *cobra.Command {
	return &cobra.Command{
		Use:     "explain NAME ROW",
		Short:   "Print the events that made a row",
		Long:    "Print the events that had an effect on a row, if the projection records that: its\nlineage says what rows are called.",
		Example: "  cairn projection explain balances balance/ann",
		Args:    exactly("NAME", "ROW"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd, g, func(s cairn.Store, db *readmodel.Database) error {
				return printEvents(c, g, projection.Explain(cmd.Context(), s, db, args[0], args[1]))
			})
		},
	}
}
