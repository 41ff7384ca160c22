package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

const groupParkedAbout = `List the keys of which events are parked, with the error of the first one and
how often it was tried. With --key the parked events themselves are printed, in
order, as they would be replayed.`

// A parkedKey is a key of which events are parked.
type parkedKey struct {
	Key       string         `json:"key"`
	Error     string         `json:"error"`
	Attempts  int            `json:"attempts"`
	First     cairn.Position `json:"first"`
	Last      cairn.Position `json:"last"`
	Events    int            `json:"events"`
	Replaying bool           `json:"replaying"`
}

func newGroupParked(c *console, g *globals) *cobra.Command {
	key := ""
	cmd := &cobra.Command{
		Use:     "parked NAME",
		Short:   "List what a group has parked",
		Long:    groupParkedAbout,
		Example: "  cairn group parked mailer\n  cairn group parked mailer --key order-2 --json | jq .data",
		Args:    exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd.Context(), g, reading(), func(s cairn.Store) error {
				if cmd.Flags().Changed("key") {
					return printEvents(c, g, group.ParkedEvents(cmd.Context(), s, args[0], key))
				}
				return printParkedKeys(cmd.Context(), c, g, s, args[0])
			})
		},
	}
	addKey(cmd, &key, "print the events that are parked under this key")
	return cmd
}

func addKey(cmd *cobra.Command, key *string, about string) {
	cmd.Flags().StringVar(key, "key", "", about)
}

// needsKey refuses a command line without a key, which may be an empty one.
func needsKey(cmd *cobra.Command) error {
	if !cmd.Flags().Changed("key") {
		return usage(cmd, errors.New("--key is missing"))
	}
	return nil
}

func printParkedKeys(ctx context.Context, c *console, g *globals, s cairn.Store, name string) error {
	keys, err := group.Parked(ctx, s, name)
	if err != nil {
		return err
	}
	t := newTable(c, c.out, column{title: "KEY", most: 30, middle: true}, column{title: "EVENTS", right: true}, column{title: "FIRST", right: true},
		column{title: "ATTEMPTS", right: true}, column{title: "STATE"}, column{title: "ERROR", rest: true})
	for _, k := range keys {
		state := "parked"
		if k.Replaying {
			state = "replaying"
		}
		if g.json {
			err = c.printJSON(parkedKey{k.Key, k.Error, k.Attempts, k.First, k.Last, k.Count, k.Replaying})
		} else {
			err = t.add(printable(k.Key), count(k.Count), count(k.First), count(k.Attempts), state, printable(k.Error))
		}
		if err != nil {
			return err
		}
	}
	if len(keys) == 0 {
		fmt.Fprintln(c.err, c.dim("nothing is parked"))
	}
	return t.flush()
}

func printEvents(c *console, g *globals, all iter.Seq2[cairn.Recorded, error]) error {
	out := newEvents(c, g, true)
	for e, err := range all {
		if err == nil {
			err = out.print(&e)
		}
		if err != nil {
			return errors.Join(err, out.flush())
		}
	}
	return out.flush()
}

// parkedUnder is what is parked under a key.
func parkedUnder(ctx context.Context, s cairn.Store, name, key string) (group.ParkedKey, error) {
	keys, err := group.Parked(ctx, s, name)
	if err != nil {
		return group.ParkedKey{}, err
	}
	for _, k := range keys {
		if k.Key == key {
			return k, nil
		}
	}
	return group.ParkedKey{}, fmt.Errorf("%w: in group %q nothing is parked under key %q", group.ErrUnknown, name, key)
}
