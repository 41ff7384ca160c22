package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
)

const theLog = "$all"

const readAbout = `Read a stream, or with '$all' every stream in the order of the log.

On a terminal data is cut to its width; with --json every event is one line of
the form that import reads, with revision and position added. What a stream's
metadata hides is left out of the stream, not out of $all.

` + filterAbout + `

--follow goes on when everything has been read, until ctrl-C. A directory has
one owner at a time: while a command follows it, no other process can write. With
--server others go on.`

const readExamples = `  cairn read order-1
  cairn read order-1 --backward --limit 1
  cairn read account-7 --as-of 2024-05-01
  cairn read '$all' --category order --type order.paid --after 1200
  cairn read '$all' --tag customer:ann --json | jq .data`

// readFlags are the flags of read, as they were given.
type readFlags struct {
	filterFlags
	span     spanFlags
	backward bool
	follow   bool
	limit    int
}

func newRead(c *console, g *globals) *cobra.Command {
	var f readFlags
	cmd := &cobra.Command{
		Use:     "read STREAM",
		Short:   "Read a stream, or '$all'",
		Long:    readAbout,
		Example: readExamples,
		Args:    exactly("STREAM"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.parse(cmd, args[0]); err != nil {
				return err
			}
			return withStore(cmd.Context(), g, reading(), func(s cairn.Store) error {
				return f.run(cmd, c, g, s, args[0])
			})
		},
	}
	f.filterFlags.add(cmd)
	f.span.add(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.backward, "backward", false, "newest first")
	flags.BoolVar(&f.follow, "follow", false, "wait for further events, until ctrl-C")
	flags.IntVar(&f.limit, "limit", 0, "how many events at most")
	return cmd
}

func (f *readFlags) parse(cmd *cobra.Command, stream string) error {
	for _, pair := range [][2]string{{"from", "after"}, {"backward", "follow"}, {"as-of", "follow"}} {
		if err := exclusive(cmd, pair[0], pair[1]); err != nil {
			return err
		}
	}
	if f.limit < 0 {
		return usage(cmd, fmt.Errorf("--limit %d is below 0", f.limit))
	}
	if stream != theLog {
		if err := cairn.ValidateStream("stream", stream); err != nil {
			return usage(cmd, err)
		}
	}
	return f.filterFlags.parse(cmd)
}

// run prints what there is. Ctrl-C is how a follower is meant to end.
func (f *readFlags) run(cmd *cobra.Command, c *console, g *globals, s cairn.Store, stream string) error {
	ctx := cmd.Context()
	out := newEvents(c, g, stream == theLog)
	events, err := f.events(cmd, s, stream, out)
	if err != nil {
		return err
	}
	n := 0
	for e, err := range events {
		if f.follow && ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
			return out.flush()
		}
		if err != nil {
			return errors.Join(err, out.flush())
		}
		if err := out.print(&e); err != nil {
			return err
		}
		if n++; n == f.limit {
			break
		}
	}
	if err := out.flush(); err != nil || n > 0 {
		return err
	}
	return f.explainNothing(ctx, c, s, stream)
}

// events is what is asked for, but for the limit.
func (f *readFlags) events(cmd *cobra.Command, s cairn.Store, stream string, out *events) (iter.Seq2[cairn.Recorded, error], error) {
	ctx := cmd.Context()
	if stream == theLog {
		o := cairn.AllOptions{Backward: f.backward, Follow: f.follow, Query: f.query(), NoSystem: f.noSystem}
		o.After, o.Before = f.span.log()
		o.CaughtUp = func(cairn.Position) { out.pause() }
		return only(s.ReadAll(ctx, o), f.early), nil
	}
	o := cairn.ReadOptions{Backward: f.backward, Follow: f.follow}
	var err error
	if o.From, o.Before, err = f.span.stream(cmd); err != nil {
		return nil, err
	}
	o.CaughtUp = func(cairn.Revision) { out.pause() }
	return only(s.ReadStream(ctx, stream, o), f.match), nil
}

// only passes on the events that fit, and errors.
func only(all iter.Seq2[cairn.Recorded, error], fits func(*cairn.Recorded) bool) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		for e, err := range all {
			if (err != nil || fits(&e)) && !yield(e, err) {
				return
			}
		}
	}
}

// explainNothing says why nothing was printed. A stream that is not there is a
// failure, since the name is most likely misspelt.
func (f *readFlags) explainNothing(ctx context.Context, c *console, s cairn.Inspector, stream string) error {
	if stream == theLog {
		fmt.Fprintln(c.err, c.dim("no events"))
		return nil
	}
	info, err := s.StreamInfo(ctx, stream)
	if err != nil {
		return err
	}
	switch info.State {
	case cairn.StreamMissing:
		hint := "cairn stat --all lists the categories that there are"
		if category, _, ok := strings.Cut(stream, "-"); ok {
			hint = fmt.Sprintf("see which streams there are with: cairn read '$all' --category %s", quote(category))
		}
		return hinted(fmt.Errorf("there is no stream %q", stream), "%s", hint)
	case cairn.StreamSoftDeleted:
		return hinted(fmt.Errorf("stream %q is deleted", stream),
			"its events can still be seen with: cairn read '$all' --stream %s", quote(stream))
	}
	fmt.Fprintln(c.err, c.dim("no events"))
	return nil
}
