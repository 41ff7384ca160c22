package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

const groupDropAbout = `Give up events that are parked under a key: all of them, or those at the
positions given. The log stays as it is. When nothing is left the key flows again.`

type dropFlags struct {
	key       string
	positions []uint
	yes       bool
}

func newGroupDrop(c *console, g *globals) *cobra.Command {
	var f dropFlags
	cmd := &cobra.Command{
		Use:     "drop NAME",
		Short:   "Give up parked events",
		Long:    groupDropAbout,
		Example: "  cairn group drop mailer --key order-2\n  cairn group drop mailer --key order-2 --position 17 --position 19",
		Args:    exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := needsKey(cmd); err != nil {
				return err
			}
			return withStore(cmd.Context(), g, writing(), func(s cairn.Store) error {
				return f.run(cmd.Context(), c, g, s, args[0])
			})
		},
	}
	addKey(cmd, &f.key, "the key they are parked under")
	cmd.Flags().UintSliceVar(&f.positions, "position", nil, "only the event at this position; may be repeated")
	addYes(cmd, &f.yes)
	return cmd
}

func addYes(cmd *cobra.Command, yes *bool) {
	cmd.Flags().BoolVar(yes, "yes", false, "do not ask, as is asked on a terminal")
}

func (f *dropFlags) run(ctx context.Context, c *console, g *globals, s cairn.Store, name string) error {
	k, err := parkedUnder(ctx, s, name, f.key)
	if err != nil {
		return err
	}
	n := k.Count
	var at []cairn.Position
	for _, p := range f.positions {
		at = append(at, cairn.Position(p))
		n = len(f.positions)
	}
	what := counted(n, "event", "events") + " of key " + printable(f.key)
	if err := c.confirm(f.yes, "drop "+what); err != nil {
		return err
	}
	if err := group.Drop(ctx, s, name, f.key, at...); err != nil {
		return err
	}
	return c.say(g, done{name, f.key, 0, n}, "dropped %s", what)
}

func newGroupDelete(c *console, g *globals) *cobra.Command {
	force, yes := false, false
	cmd := &cobra.Command{
		Use:   "delete NAME",
		Short: "Forget a group: how far it is and what it has parked",
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd.Context(), g, writing(), func(s cairn.Store) error {
				if err := c.confirm(yes, "delete group "+printable(args[0])); err != nil {
					return err
				}
				if err := group.Delete(cmd.Context(), s, args[0], force); err != nil {
					return err
				}
				return c.say(g, map[string]string{"group": args[0]}, "deleted group %s", printable(args[0]))
			})
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "even if members are there, which then end")
	addYes(cmd, &yes)
	return cmd
}

var errDeclined = errors.New("nothing was done")

// confirm asks, if somebody is there who can answer.
func (c *console) confirm(yes bool, what string) error {
	in, ok := c.in.(*os.File)
	if yes || !ok || !term.IsTerminal(int(in.Fd())) {
		return nil
	}
	fmt.Fprintf(c.err, "%s? [y/N] ", what)
	line, err := bufio.NewReader(c.in).ReadString('\n')
	if answer := strings.ToLower(strings.TrimSpace(line)); err != nil || answer != "y" && answer != "yes" {
		return errDeclined
	}
	return nil
}
