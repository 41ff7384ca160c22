package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn/engine/disk"
)

// shown is how many categories and types are listed without --all.
const shown = 10

const statAbout = `Say what a store holds: events, streams, bytes on disk, and the categories and
types with most events. The counts are kept by the store, so this is quick.

With --json the categories and types are always complete, in the order of their
names.

Of a server's store only the numbers of events and streams are known, and the
times of the first and the last event.`

func newStat(c *console, g *globals) *cobra.Command {
	all := false
	cmd := &cobra.Command{
		Use:     "stat",
		Short:   "Say what the store holds",
		Long:    statAbout,
		Example: "  cairn stat\n  cairn stat --all\n  cairn stat --json | jq .events",
		Args:    exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if g.server != "" {
				return statServer(cmd, c, g)
			}
			return withDisk(g, reading(), func(s *disk.Store) error {
				stats, err := s.Stats(cmd.Context())
				if err != nil {
					return err
				}
				if g.json {
					return c.printJSON(stats)
				}
				return printStats(c, g.store, stats, all)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "list all categories and types")
	return cmd
}

func printStats(c *console, dir string, s disk.Stats, all bool) error {
	facts := []fact{
		{"store", printable(dir)},
		{"id", s.Store.String()},
		{"head", count(s.Head)},
		{"events", count(s.Events)},
		{"streams", count(s.Streams)},
		{"log", size(s.LogBytes) + perEvent(s.LogBytes, s.Events) + " in " + counted(s.Segments, "segment", "segments")},
		{"index", size(s.IndexBytes) + perEvent(s.IndexBytes, s.Events)},
		{"on disk", size(s.DiskBytes+s.IndexBytes) + ", with what is prepared ahead"},
	}
	if s.FreeBytes >= 0 {
		facts = append(facts, fact{"free", size(s.FreeBytes)})
	}
	if err := printFacts(c, c.out, facts); err != nil {
		return err
	}
	if err := printCounts(c, "CATEGORY", "categories", s.Categories, s.Events, all); err != nil {
		return err
	}
	return printCounts(c, "TYPE", "types", s.Types, s.Events, all)
}

func perEvent(bytes int64, events uint64) string {
	if events == 0 {
		return ""
	}
	return fmt.Sprintf(", %s bytes an event", count(bytes/int64(events)))
}

// printCounts lists the largest first.
func printCounts(c *console, title, plural string, counts []disk.Count, events uint64, all bool) error {
	if len(counts) == 0 {
		return nil
	}
	sorted := slices.Clone(counts)
	slices.SortStableFunc(sorted, func(a, b disk.Count) int { return cmp.Compare(b.Events, a.Events) })
	more := 0
	if !all && len(sorted) > shown {
		sorted, more = sorted[:shown], len(sorted)-shown
	}
	columns := []column{{title: title, most: 40, middle: true}, {title: "EVENTS", right: true}, {title: "SHARE", right: true}}
	if title == "CATEGORY" {
		columns = append(columns, column{title: "STREAMS", right: true})
	}
	fmt.Fprintln(c.out)
	t := newTable(c, c.out, columns...)
	for _, n := range sorted {
		cells := []string{printable(n.Name), count(n.Events), fmt.Sprintf("%.1f%%", 100*float64(n.Events)/float64(max(events, 1))), count(n.Streams)}
		if err := t.add(cells[:len(columns)]...); err != nil {
			return err
		}
	}
	if err := t.flush(); err != nil || more == 0 {
		return err
	}
	_, err := fmt.Fprintf(c.out, "and %s more %s; --all lists them\n", count(more), plural)
	return err
}

// A fact is a name and what it is.
type fact struct{ name, value string }

// printFacts prints facts under one another.
func printFacts(c *console, w io.Writer, facts []fact) error {
	width := 0
	for _, f := range facts {
		width = max(width, len(f.name))
	}
	for _, f := range facts {
		name := f.name + strings.Repeat(" ", width-len(f.name))
		if _, err := fmt.Fprintf(w, "%s  %s\n", c.paint(c.outTerminal, "2", name), f.value); err != nil {
			return err
		}
	}
	return nil
}
