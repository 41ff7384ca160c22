package cli

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

const groupConsumeAbout = `Take part in a group by hand, until ctrl-C. The group is created if nobody has
run it yet. Without a filter its own is kept.

With --exec a command is run by the shell for each event, with the event as a line
of JSON on its standard input and its place in CAIRN_STREAM, CAIRN_REVISION,
CAIRN_POSITION, CAIRN_TYPE and CAIRN_ATTEMPT. Exit status 0 settles the event, 65
parks it, 75 and all others have it tried again after a while, and parked when its
attempts are spent. Commands for different keys run side by side.

Without --exec each event is printed as a line such as

  {"position":12,"attempt":1,"deadline":"2026-05-01T10:00:30Z","event":{...}}

and settled by a line on standard input, before its deadline:

  {"position":12,"outcome":"ack"}
  {"position":12,"outcome":"retry","after":"5s","reason":"the printer is busy"}

The outcomes are ack, retry, park, skip and release, which gives the event back
as if it had not been tried. The end of standard input ends the command; what
is not settled then is delivered again.`

const groupConsumeExamples = `  cairn group consume mailer --type order.placed --exec './mail.sh'
  cairn group consume audit --start end --workers 1 --exec 'cat >> audit.ndjson'`

type consumeFlags struct {
	filter cairn.Filter
	start  string
	exec   string
	o      group.Options
	limit  int
}

func newGroupConsume(c *console, g *globals) *cobra.Command {
	var f consumeFlags
	cmd := &cobra.Command{
		Use:     "consume NAME",
		Short:   "Take part in a group by hand, or with a command for each event",
		Long:    groupConsumeAbout,
		Example: groupConsumeExamples,
		Args:    exactly("NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.parse(cmd); err != nil {
				return err
			}
			return withStore(cmd.Context(), g, writing(), func(s cairn.Store) error {
				return f.run(cmd.Context(), c, s, args[0])
			})
		},
	}
	f.add(cmd)
	return cmd
}

func (f *consumeFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.filter.Types, "type", nil, "only events of this type")
	flags.StringArrayVar(&f.filter.Categories, "category", nil, "only events of streams of this category")
	flags.StringArrayVar(&f.filter.Prefixes, "prefix", nil, "only events of streams whose name begins so")
	flags.StringArrayVar(&f.filter.Tags, "tag", nil, "only events that carry this tag")
	flags.StringArrayVar(&f.filter.Streams, "stream", nil, "only events of this stream")
	flags.StringVar(&f.start, "start", "beginning", "where a group that is created begins: beginning, end or a position to begin behind")
	flags.IntVar(&f.o.Partitions, "partitions", 0, "into how many parts the keys of a group that is created are divided (default 64)")
	flags.IntVar(&f.o.Workers, "workers", 0, "how many events to handle at the same time (default 8)")
	flags.IntVar(&f.o.Attempts, "attempts", 0, "how often to try an event before it is parked (default 5)")
	flags.DurationVar(&f.o.Visibility, "visibility", 0, "how long an event may be unsettled before it counts as failed, without --exec (default 30s)")
	flags.StringVar(&f.o.Member, "member", "", "what this member is called in the group's status")
	flags.StringVar(&f.exec, "exec", "", "`COMMAND` to run for each event")
	flags.IntVar(&f.limit, "limit", 0, "end when so many events are settled or parked")
	complete(cmd, "start", "beginning", "end")
}

func (f *consumeFlags) parse(cmd *cobra.Command) error {
	switch f.start {
	case "beginning":
	case "end":
		f.o.Start = group.End()
	default:
		p, err := strconv.ParseUint(f.start, 10, 64)
		if err != nil {
			return usage(cmd, fmt.Errorf("--start %q is not beginning, end or a position", f.start))
		}
		f.o.Start = group.After(cairn.Position(p))
	}
	if f.limit < 0 {
		return usage(cmd, fmt.Errorf("--limit %d is below 0", f.limit))
	}
	if cmd.Flags().Changed("exec") && f.exec == "" {
		return usage(cmd, errors.New("--exec is empty"))
	}
	l := &f.filter
	if len(l.Types)+len(l.Categories)+len(l.Prefixes)+len(l.Tags)+len(l.Streams) > 0 {
		f.o.Query = cairn.Query{*l}
	}
	if err := f.o.Query.Validate(); err != nil {
		return usage(cmd, err)
	}
	return nil
}

// errEnough is why a command ends that has done what it was asked for.
var errEnough = errors.New("as many events as were asked for are settled")

// run takes part. Ctrl-C is how it is meant to end.
func (f *consumeFlags) run(ctx context.Context, c *console, s cairn.Store, name string) error {
	if f.o.Query == nil {
		q, err := group.QueryOf(ctx, s, name)
		if err != nil && !errors.Is(err, group.ErrUnknown) {
			return err
		}
		f.o.Query = q
	}
	err := f.take(ctx, c, s, name)
	if errors.Is(err, errEnough) || ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		return nil
	}
	return err
}

func (f *consumeFlags) take(ctx context.Context, c *console, s cairn.Store, name string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t := &quota{limit: int64(f.limit), enough: func() { cancel(errEnough) }}
	if f.exec == "" {
		return byHand(ctx, cancel, c, s, name, f.o, t)
	}
	return byCommand(ctx, c, s, name, f.o, f.exec, t)
}
