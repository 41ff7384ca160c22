package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn/cmd/cairn/internal/readmodel"
	"github.com/cairndb/cairn/projection"
)

const projectionRebuildAbout = `Build the version that readers see anew, beside itself, and switch to the new build
when it is level. It takes the code of the projection, so a program that deploys it
has to be running, and is asked to do it; this returns when the build has begun.`

func newProjectionRebuild(c *console, g *globals, f *targetFlags) *cobra.Command {
	var wait time.Duration
	cmd := &cobra.Command{
		Use:   "rebuild NAME",
		Short: "Have the running program build a projection anew",
		Long:  projectionRebuildAbout,
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.ask(cmd, c, g, args[0], wait, projection.Request{What: projection.AskRebuild})
		},
	}
	addWait(cmd, &wait)
	return cmd
}

const projectionRetryAbout = `Apply the parked events of a key again, in order, and those that were parked behind
them. It takes the code of the projection, so a program that runs it is asked to do
it. An event that fails again stays parked with those behind it.`

func newProjectionRetry(c *console, g *globals, f *targetFlags) *cobra.Command {
	var wait time.Duration
	key, all := "", false
	cmd := &cobra.Command{
		Use:     "retry NAME",
		Short:   "Have the running program apply parked events again",
		Long:    projectionRetryAbout,
		Example: "  cairn projection retry balances --key account-7\n  cairn projection retry balances --all",
		Args:    exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("key") == all {
				return usage(cmd, errors.New("either --key or --all says what to retry"))
			}
			return f.ask(cmd, c, g, args[0], wait, projection.Request{What: projection.AskRetry, Key: key})
		},
	}
	addKey(cmd, &key, "retry what is parked under this key")
	cmd.Flags().BoolVar(&all, "all", false, "retry every parked key")
	addWait(cmd, &wait)
	return cmd
}

func addWait(cmd *cobra.Command, wait *time.Duration) {
	cmd.Flags().DurationVar(wait, "wait", 30*time.Second, "how long to wait for an answer")
}

// ask asks the programs that run a projection, and prints what they answer.
func (f *targetFlags) ask(cmd *cobra.Command, c *console, g *globals, name string, wait time.Duration, q projection.Request) error {
	return f.open(cmd, func(db *readmodel.Database) error {
		ctx, cancel := context.WithTimeoutCause(cmd.Context(), wait, errNobody)
		defer cancel()
		a, err := projection.Ask(ctx, db, name, q)
		if err != nil {
			return err
		}
		if a.Error != "" {
			return errors.New(a.Error)
		}
		return c.say(g, a, "%s", printable(a.Text))
	})
}

var errNobody = errors.New("time is up")
