package kurrent

import (
	"strings"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"

	"github.com/cairndb/cairn"
)

// A filter selects events of the log by the name of their stream or by their
// type. Links are looked at as such, not what they lead to.
type filter struct {
	query    cairn.Query // what the store can select by; nil leaves it to matches
	byType   bool
	prefixes []string
	pattern  *pattern       // instead of prefixes
	links    *virtual       // instead of both: the stream asked for is not in the log
	nothing  bool           // nothing can match
	interval cairn.Position // between checkpoints
}

// defaultWindow is how many events KurrentDB searches at a time.
const defaultWindow = 32

func parseFilter(o *streams.ReadReq_Options_FilterOptions, follow bool) (*filter, error) {
	var f filter
	var e *streams.ReadReq_Options_FilterOptions_Expression
	switch by := o.GetFilter().(type) {
	case *streams.ReadReq_Options_FilterOptions_StreamIdentifier:
		e = by.StreamIdentifier
	case *streams.ReadReq_Options_FilterOptions_EventType:
		e, f.byType = by.EventType, true
	default:
		return nil, invalidArgument("a filter is by stream identifier or by event type")
	}
	if follow && o.GetCheckpointIntervalMultiplier() == 0 {
		return nil, invalidArgument("the checkpoint interval multiplier of a filter must be at least 1")
	}
	window := cairn.Position(defaultWindow)
	if o.GetMax() > 0 {
		window = cairn.Position(o.GetMax())
	}
	f.interval = window * cairn.Position(o.GetCheckpointIntervalMultiplier())
	return &f, f.parse(e)
}

func (f *filter) parse(e *streams.ReadReq_Options_FilterOptions_Expression) (err error) {
	if e.GetRegex() != "" {
		f.pattern, err = compile(e.GetRegex())
		return err
	}
	f.prefixes = e.GetPrefix()
	f.nothing = len(f.prefixes) == 0
	if !f.byType && len(f.prefixes) == 1 {
		if v, ok := virtualStream(f.prefixes[0]); ok {
			f.links, f.nothing = &v, v.empty
			if !v.empty {
				f.query = v.query
			}
			return nil
		}
	}
	if q := (cairn.Query{{Prefixes: f.prefixes}}); !f.byType && !f.nothing && q.Validate() == nil {
		f.query = q
	}
	return nil
}

// matches reports whether the filter selects an event.
func (f *filter) matches(e *cairn.Recorded) (bool, error) {
	name := e.Stream
	if f.byType {
		name = e.Type
	}
	if f.pattern != nil {
		return f.pattern.matches(name)
	}
	for _, p := range f.prefixes {
		if strings.HasPrefix(name, p) {
			return true, nil
		}
	}
	return false, nil
}
