package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

const groupReplayAbout = `Have what is parked handled again, in order, by the members that run or will.
New events of the key queue up behind. What fails again stays parked from there.`

// A done is what was done to the parked events of a key.
type done struct {
	Group    string         `json:"group"`
	Key      string         `json:"key"`
	Position cairn.Position `json:"position,omitempty"`
	Events   int            `json:"events"`
}

func newGroupReplay(c *console, g *globals) *cobra.Command {
	key, all := "", false
	cmd := &cobra.Command{
		Use:     "replay NAME",
		Short:   "Have parked events handled again",
		Long:    groupReplayAbout,
		Example: "  cairn group replay mailer --key order-2\n  cairn group replay mailer --all",
		Args:    exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("key") == all {
				return usage(cmd, errors.New("either --key or --all says what to replay"))
			}
			return withStore(cmd.Context(), g, writing(), func(s cairn.Store) error {
				return replay(cmd.Context(), c, g, s, args[0], key, all)
			})
		},
	}
	addKey(cmd, &key, "replay what is parked under this key")
	cmd.Flags().BoolVar(&all, "all", false, "replay every parked key")
	return cmd
}

func replay(ctx context.Context, c *console, g *globals, s cairn.Store, name, key string, all bool) error {
	keys, err := group.Parked(ctx, s, name)
	if !all && err == nil {
		var k group.ParkedKey
		k, err = parkedUnder(ctx, s, name, key)
		keys = []group.ParkedKey{k}
	}
	if err != nil {
		return err
	}
	for _, k := range keys {
		if err := group.Replay(ctx, s, name, k.Key); err != nil && !(all && errors.Is(err, group.ErrUnknown)) {
			return err
		}
		if err := c.say(g, done{name, k.Key, 0, k.Count}, "replaying %s of key %s", counted(k.Count, "event", "events"), printable(k.Key)); err != nil {
			return err
		}
	}
	if len(keys) == 0 {
		fmt.Fprintln(c.err, c.dim("nothing is parked"))
		return nil
	}
	return c.sayWhen(ctx, s, name)
}

// say prints what was done, as JSON or in words.
func (c *console) say(g *globals, v any, format string, args ...any) error {
	if g.json {
		return c.printJSON(v)
	}
	_, err := fmt.Fprintf(c.out, format+"\n", args...)
	return err
}

// sayWhen says that it will take a member to do what was asked for, if there is
// none.
func (c *console) sayWhen(ctx context.Context, s cairn.Store, name string) error {
	status, err := group.Status(ctx, s, name)
	if err == nil && len(status.Members) == 0 {
		fmt.Fprintln(c.err, c.dim("nobody runs the group now; it is done when somebody does"))
	}
	return err
}
