package cli

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/cairndb/cairn"
)

// filterFlags select events. Different flags must all hold; of one flag's
// values any will do, but for tags, which an event must all carry.
type filterFlags struct {
	filter      cairn.Filter
	correlation string
	noSystem    bool
	asOf        string
	until       time.Time // asOf
}

const filterAbout = `Filters may be repeated. An event passes if it meets every kind of filter given:
any of the types, any of the categories, any of the prefixes, any of the
streams, all of the tags. The category of order-1 is order. What an event belongs
to, for --correlation, is the "$correlationId" in its metadata.`

func (f *filterFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.filter.Types, "type", nil, "only events of this type")
	flags.StringArrayVar(&f.filter.Categories, "category", nil, "only events of streams of this category")
	flags.StringArrayVar(&f.filter.Prefixes, "prefix", nil, "only events of streams whose name begins so")
	flags.StringArrayVar(&f.filter.Tags, "tag", nil, "only events that carry this tag")
	flags.StringVar(&f.correlation, "correlation", "", "only events that belong to this, such as to a request of that ID")
	flags.StringArrayVar(&f.filter.Streams, "stream", nil, "only events of this stream")
	flags.BoolVar(&f.noSystem, "no-system", false, "leave out streams and types that begin with $")
	flags.StringVar(&f.asOf, "as-of", "", "only events recorded at this time or before, such as 2024-05-01 or 2024-05-01T10:00:00Z")
}

// parse checks the flags.
func (f *filterFlags) parse(cmd *cobra.Command) (err error) {
	if f.asOf != "" {
		if f.until, err = parseTime("as-of", f.asOf); err != nil {
			return usage(cmd, err)
		}
	}
	if cmd.Flags().Changed("correlation") {
		if f.correlation == "" {
			return usage(cmd, errors.New("--correlation must not be empty"))
		}
		f.filter.Tags = append(f.filter.Tags, cairn.CorrelationTag(f.correlation))
	}
	if err := f.query().Validate(); err != nil {
		return usage(cmd, err)
	}
	return nil
}

// query is nil if the flags select everything.
func (f *filterFlags) query() cairn.Query {
	l := &f.filter
	if len(l.Types)+len(l.Categories)+len(l.Prefixes)+len(l.Tags)+len(l.Streams) == 0 {
		return nil
	}
	return cairn.Query{*l}
}

// early reports whether the event was recorded in time for --as-of.
func (f *filterFlags) early(e *cairn.Recorded) bool {
	return f.until.IsZero() || !e.Time.After(f.until)
}

// match applies everything to an event that no store has filtered.
func (f *filterFlags) match(e *cairn.Recorded) bool {
	system := e.Stream[0] == '$' || e.Type[0] == '$'
	return f.early(e) && f.query().Match(e) && !(f.noSystem && system)
}

// parseTime reads a time, or a day and means all of it. Both are UTC unless
// they say otherwise.
func parseTime(flag, s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day.AddDate(0, 0, 1).Add(-1), nil
	}
	return time.Time{}, fmt.Errorf("--%s %q is neither a day such as 2024-05-01 nor a time such as 2024-05-01T10:00:00Z", flag, s)
}

// spanFlags say which part of the log or of a stream is meant.
type spanFlags struct {
	from, after, before uint64
}

func (f *spanFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Uint64Var(&f.from, "from", 0, "first position, or revision in a stream")
	flags.Uint64Var(&f.after, "after", 0, "position, or revision in a stream, to begin behind")
	flags.Uint64Var(&f.before, "before", 0, "position, or revision in a stream, to end in front of")
}

// log is the range as positions.
func (f *spanFlags) log() (after, before cairn.Position) {
	if f.from > 0 {
		return cairn.Position(f.from - 1), cairn.Position(f.before)
	}
	return cairn.Position(f.after), cairn.Position(f.before)
}

// stream is the range as revisions.
func (f *spanFlags) stream(cmd *cobra.Command) (from, before cairn.Revision, err error) {
	first := f.from
	if cmd.Flags().Changed("after") {
		first = f.after + 1
	}
	if max(f.from, f.after) >= math.MaxInt64 || f.before > math.MaxInt64 {
		return 0, 0, usage(cmd, errors.New("no revision is as large as that"))
	}
	return cairn.Revision(first), cairn.Revision(f.before), nil
}
