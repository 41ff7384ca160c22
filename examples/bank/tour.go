package main

import (
	"github.com/spf13/cobra"

	"github.com/cairndb/cairn/examples/bank/tour"
)

func (p *program) tour() *cobra.Command {
	return &cobra.Command{
		Use:   "tour",
		Short: "Play a story at the bank, and show what is stored at each step",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return tour.Run(cmd.Context(), tour.Options{
				Out:    p.out,
				Styled: isTerminal(p.out),
				Dir:    p.store,
				Open:   openDisk,
				Crash:  crashElsewhere(p.store),
			})
		},
	}
}
