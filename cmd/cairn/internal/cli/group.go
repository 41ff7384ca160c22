package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group"
)

const groupAbout = `Look at consumer groups, take part in one, and look after what it has parked.

A group is consumers that share the events of a log: in order for each key, which
is the stream unless the program says otherwise. An event that has failed too
often is parked, and with it what follows under its key; the others go on. When
the cause is found, what is parked is replayed, edited or dropped.

What writes to a group needs the store for itself, or a server that has it.`

func newGroup(c *console, g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "group",
		Short: "Look after consumer groups",
		Long:  groupAbout,
		Args:  unknownCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newGroupList(c, g), newGroupStatus(c, g), newGroupParked(c, g), newGroupReplay(c, g),
		newGroupEdit(c, g), newGroupDrop(c, g), newGroupDelete(c, g), newGroupConsume(c, g))
	return cmd
}

// writing is how commands that operate a group open a store.
func writing() disk.Options { return disk.Options{MustExist: true} }

// selected is what a query selects, in words.
func selected(q cairn.Query) string {
	if q == nil {
		return "everything"
	}
	var all []string
	for _, f := range q {
		var criteria []string
		for _, c := range []struct {
			name, or string
			values   []string
		}{
			{"type", " or ", f.Types}, {"category", " or ", f.Categories}, {"stream", " or ", f.Streams},
			{"prefix", " or ", f.Prefixes}, {"tag", " and ", f.Tags},
		} {
			if len(c.values) > 0 {
				criteria = append(criteria, c.name+" "+strings.Join(c.values, c.or))
			}
		}
		all = append(all, strings.Join(criteria, ", "))
	}
	return strings.Join(all, "; or ")
}

// A groupLine is a group as list shows it.
type groupLine struct {
	Group        string         `json:"group"`
	Position     cairn.Position `json:"position"`
	Lag          int64          `json:"lag"`
	LagSeconds   float64        `json:"lag_seconds"`
	ParkedKeys   int            `json:"parked_keys"`
	ParkedEvents int            `json:"parked_events"`
	Members      int            `json:"members"`
}

func newGroupList(c *console, g *globals) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List the groups of a store",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withStore(cmd.Context(), g, reading(), func(s cairn.Store) error {
				return listGroups(cmd.Context(), c, g, s)
			})
		},
	}
}

func listGroups(ctx context.Context, c *console, g *globals, s cairn.Store) error {
	names, err := group.List(ctx, s)
	if err != nil {
		return err
	}
	t := newTable(c, c.out, column{title: "GROUP", most: 40, middle: true}, column{title: "POSITION", right: true}, column{title: "LAG", right: true},
		column{title: "PARKED KEYS", right: true}, column{title: "EVENTS", right: true}, column{title: "MEMBERS", right: true})
	for _, name := range names {
		s, err := group.Status(ctx, s, name)
		if err != nil {
			return err
		}
		l := groupLine{name, s.Position, s.Lag, s.Behind(time.Now()).Seconds(), s.ParkedKeys, s.ParkedEvents, len(s.Members)}
		if g.json {
			err = c.printJSON(l)
		} else {
			err = t.add(printable(name), count(l.Position), count(l.Lag), count(l.ParkedKeys), count(l.ParkedEvents), count(l.Members))
		}
		if err != nil {
			return err
		}
	}
	if len(names) == 0 {
		fmt.Fprintln(c.err, c.dim("no groups"))
	}
	return t.flush()
}
