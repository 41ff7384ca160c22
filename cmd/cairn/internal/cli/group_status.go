package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/group"
)

const groupStatusAbout = `Say how far a group is, who its members are and what each partition is at.

Of the partitions those are shown that nobody owns, or in which something is
unsettled or parked; --all shows the others too, and --json always does. Members
write this down a few times in a lease, so it may be some seconds old.`

// A groupStatus is the state of a group as JSON.
type groupStatus struct {
	groupLine
	Query      []queryFilter     `json:"query,omitempty"` // nothing means everything
	About      *component.About  `json:"about,omitempty"` // nothing if it says nothing of itself
	Members    []memberStatus    `json:"members"`
	Partitions []partitionStatus `json:"partitions"`
}

type queryFilter struct {
	Types      []string `json:"types,omitempty"`
	Categories []string `json:"categories,omitempty"`
	Streams    []string `json:"streams,omitempty"`
	Prefixes   []string `json:"prefixes,omitempty"`
	Tags       []string `json:"tags,omitempty"`
}

type memberStatus struct {
	Member     string    `json:"member"`
	Seen       time.Time `json:"seen"`
	Partitions int       `json:"partitions"`
	Held       int       `json:"held"`
	Full       bool      `json:"full"`
}

type partitionStatus struct {
	Partition int            `json:"partition"`
	Owner     string         `json:"owner,omitempty"`
	Epoch     uint64         `json:"epoch"`
	Position  cairn.Position `json:"position"`
	Unsettled int            `json:"unsettled"`
	Parked    int            `json:"parked"`
}

func newGroupStatus(c *console, g *globals) *cobra.Command {
	all := false
	cmd := &cobra.Command{
		Use:   "status NAME",
		Short: "Say how far a group is, and who is in it",
		Long:  groupStatusAbout,
		Args:  exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withStore(cmd.Context(), g, reading(), func(s cairn.Store) error {
				status, err := group.Status(cmd.Context(), s, args[0])
				if err != nil {
					return err
				}
				if g.json {
					return c.printJSON(statusJSON(args[0], &status))
				}
				return printGroupStatus(c, args[0], &status, all)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "show all partitions")
	return cmd
}

func statusJSON(name string, s *group.GroupStatus) groupStatus {
	j := groupStatus{groupLine: groupLine{name, s.Position, s.Lag, s.Behind(time.Now()).Seconds(), s.ParkedKeys, s.ParkedEvents, 0}, Members: []memberStatus{}}
	if !s.About.IsZero() {
		j.About = &s.About
	}
	for _, f := range s.Query {
		j.Query = append(j.Query, queryFilter{f.Types, f.Categories, f.Streams, f.Prefixes, f.Tags})
	}
	for _, m := range s.Members {
		j.Members = append(j.Members, memberStatus(m))
	}
	for n, p := range s.Partitions {
		j.Partitions = append(j.Partitions, partitionStatus{n, p.Owner, p.Epoch, p.Position, p.Unsettled, p.Parked})
	}
	return j
}

func printGroupStatus(c *console, name string, s *group.GroupStatus, all bool) error {
	facts := append([]fact{{"group", printable(name)}}, said(&s.About)...)
	facts = append(facts, []fact{
		{"selects", printable(selected(s.Query))},
		{"position", count(s.Position)},
		{"lag", lagOf(s)},
		{"parked", counted(s.ParkedEvents, "event", "events") + " of " + counted(s.ParkedKeys, "key", "keys")},
		{"members", count(len(s.Members))},
	}...)
	if err := printFacts(c, c.out, facts); err != nil {
		return err
	}
	if err := printMembers(c, s.Members); err != nil {
		return err
	}
	return printPartitions(c, s.Partitions, all)
}

// said is what a group says of itself.
func said(a *component.About) (facts []fact) {
	is := a.Kind
	if a.Service != "" {
		is = strings.TrimSpace(is + " of " + a.Service)
	}
	for _, f := range []fact{
		{"is", is}, {"via", a.Via}, {"hears", strings.Join(a.Hears, ", ")},
		{"tells", strings.Join(a.Tells, ", ")}, {"types", strings.Join(a.Types, ", ")}, {"writes", strings.Join(a.Writes, ", ")},
	} {
		if f.value != "" {
			facts = append(facts, fact{f.name, printable(f.value)})
		}
	}
	return facts
}

// lagOf says how far a group is behind, and how long the oldest event waits.
func lagOf(s *group.GroupStatus) string {
	lag := counted(int(s.Lag), "event", "events")
	if s.Lag > 0 {
		lag += ", the oldest for " + s.Behind(time.Now()).Truncate(time.Millisecond).String()
	}
	return lag
}

func printMembers(c *console, members []group.MemberStatus) error {
	if len(members) == 0 {
		return nil
	}
	fmt.Fprintln(c.out)
	t := newTable(c, c.out, column{title: "MEMBER", most: 40, middle: true}, column{title: "SEEN (UTC)"},
		column{title: "PARTITIONS", right: true}, column{title: "HELD", right: true}, column{title: "WINDOW"})
	for _, m := range members {
		window := ""
		if m.Full {
			window = "full"
		}
		if err := t.add(printable(m.Member), m.Seen.UTC().Format(time.DateTime), count(m.Partitions), count(m.Held), window); err != nil {
			return err
		}
	}
	return t.flush()
}

// printPartitions prints those that there is something to say about, or all.
func printPartitions(c *console, partitions []group.PartitionStatus, all bool) error {
	t := newTable(c, c.out, column{title: "PARTITION", right: true}, column{title: "EPOCH", right: true}, column{title: "POSITION", right: true},
		column{title: "UNSETTLED", right: true}, column{title: "PARKED", right: true}, column{title: "OWNER", most: 40, middle: true})
	begun, quiet := false, 0
	for n, p := range partitions {
		if !all && p.Owner != "" && p.Unsettled+p.Parked == 0 {
			quiet++
			continue
		}
		if !begun {
			fmt.Fprintln(c.out)
			begun = true
		}
		if err := t.add(count(n), count(p.Epoch), count(p.Position), count(p.Unsettled), count(p.Parked), printable(p.Owner)); err != nil {
			return err
		}
	}
	if err := t.flush(); err != nil || quiet == 0 {
		return err
	}
	_, err := fmt.Fprintf(c.out, "\n%s owned, with nothing unsettled or parked; --all lists them\n", counted(quiet, "partition", "partitions"))
	return err
}
