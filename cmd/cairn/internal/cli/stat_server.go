package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	cairnclient "github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/engine/disk"
)

// A remote is what can be known of a store that a server has.
type remote struct {
	Store   cairn.ID       `json:"store"`
	Head    cairn.Position `json:"head"`
	Streams int64          `json:"streams"`
	First   *time.Time     `json:"first,omitempty"`
	Last    *time.Time     `json:"last,omitempty"`
}

func statServer(cmd *cobra.Command, c *console, g *globals) error {
	if cmd.Flags().Changed("all") {
		return g.here(cmd, "--all reads the files of a store; run it where they are, with --store")
	}
	return withStore(cmd.Context(), g, disk.Options{}, func(s cairn.Store) error {
		r, err := inspect(cmd.Context(), s)
		if err != nil {
			return err
		}
		if g.json {
			return c.printJSON(r)
		}
		return r.print(c, g.server)
	})
}

// inspect looks at the ends of the log, and counts the first events of streams,
// of which each that was written to has one.
func inspect(ctx context.Context, s cairn.Store) (r remote, err error) {
	info, err := s.Info(ctx)
	if err != nil {
		return r, err
	}
	r.Store, r.Head = info.ID, info.Head
	if r.Streams, err = cairn.Count(ctx, s, cairn.Query{{First: true}}, info.Head); err != nil {
		return r, err
	}
	for e, err := range s.ReadAll(ctx, cairn.AllOptions{Limit: 1}) {
		if err != nil {
			return r, err
		}
		r.First = &e.Time
	}
	for e, err := range s.ReadAll(ctx, cairn.AllOptions{Limit: 1, Backward: true}) {
		if err != nil {
			return r, err
		}
		r.Last = &e.Time
	}
	return r, nil
}

func (r remote) print(c *console, url string) error {
	a, err := cairnclient.ParseURL(url)
	if err != nil {
		return err
	}
	facts := []fact{
		{"server", printable(a.String())},
		{"id", r.Store.String()},
		{"head", count(r.Head)},
		{"streams", count(r.Streams)},
	}
	if r.First != nil && r.Last != nil {
		facts = append(facts, fact{"first", r.First.UTC().Format(time.RFC3339)}, fact{"last", r.Last.UTC().Format(time.RFC3339)})
	}
	return printFacts(c, c.out, facts)
}
