package cli

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/cmd/cairn/internal/readmodel"
	"github.com/cairndb/cairn/projection"
)

const projectionSwitchAbout = `Show readers another build, in one step: all tables at once, with no moment in which
one is missing, and never one that shows less than they have seen. Both builds go
on; the old one is dropped after the grace time by the program that runs the new.`

// switched is what a switch has done.
type switched struct {
	Projection string  `json:"projection"`
	Build      int     `json:"build"`
	Seconds    float64 `json:"seconds"`
}

// addSwitch adds the flags of a switch.
func addSwitch(cmd *cobra.Command, o *projection.SwitchOptions) {
	flags := cmd.Flags()
	flags.DurationVar(&o.Within, "within", 30*time.Second, "how long to try while the build is behind")
	flags.DurationVar(&o.Grace, "grace", time.Hour, "how long to keep the old build; below zero for ever")
	flags.BoolVar(&o.Backwards, "backwards", false, "switch even if readers then see less than before")
}

func newProjectionSwitch(c *console, g *globals, f *targetFlags) *cobra.Command {
	var o projection.SwitchOptions
	cmd := &cobra.Command{
		Use:   "switch NAME BUILD",
		Short: "Show readers another build",
		Long:  projectionSwitchAbout,
		Args:  exactly("NAME", "BUILD"),
		RunE: func(cmd *cobra.Command, args []string) error {
			build, err := buildNumber(cmd, args[1])
			if err != nil {
				return err
			}
			return f.with(cmd, g, func(s cairn.Store, db *readmodel.Database) error {
				begin := time.Now()
				if err := projection.Switch(cmd.Context(), s, db, args[0], build, &o); err != nil {
					return err
				}
				return saySwitched(c, g, args[0], build, begin)
			})
		},
	}
	addSwitch(cmd, &o)
	return cmd
}

func buildNumber(cmd *cobra.Command, text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, usage(cmd, fmt.Errorf("BUILD must be the number of a build, not %q", text))
	}
	return n, nil
}

func saySwitched(c *console, g *globals, name string, build int, begin time.Time) error {
	took := time.Since(begin)
	return c.say(g, switched{name, build, took.Seconds()}, "readers of %s see build %d now (%v)", printable(name), build, took.Round(time.Millisecond))
}

const projectionRollbackAbout = `Show readers the build again that they saw before the last switch. It takes a moment
if that build was kept up to date. The build that they are taken from is kept.`

func newProjectionRollback(c *console, g *globals, f *targetFlags) *cobra.Command {
	var o projection.SwitchOptions
	cmd := &cobra.Command{
		Use:   "rollback NAME",
		Short: "Show readers the build before this one again",
		Long:  projectionRollbackAbout,
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.with(cmd, g, func(s cairn.Store, db *readmodel.Database) error {
				begin := time.Now()
				if err := projection.Rollback(cmd.Context(), s, db, args[0], &o); err != nil {
					return err
				}
				status, err := projection.StatusOf(cmd.Context(), s, db, args[0])
				return errors.Join(err, saySwitched(c, g, args[0], status.Active, begin))
			})
		},
	}
	addSwitch(cmd, &o)
	return cmd
}
