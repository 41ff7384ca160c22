package causation

import (
	"context"
	"errors"
	"slices"

	"github.com/cairndb/cairn"
)

// ErrNoEvent means that there is no event at the position.
var ErrNoEvent = errors.New("causation: there is no event at this position")

// lookBehind is how many events before the first of a correlation to look
// through for the one that began it.
const lookBehind = 256

// Of reads the graph that the event at a position is part of. An event whose
// metadata says nothing is alone, unless others belong to what it began.
//
// What began a correlation is often an event that belongs to nothing itself, and
// whose ID is the correlation's. It is found if it lies shortly before the
// others.
func Of(ctx context.Context, log cairn.LogReader, at cairn.Position) (*Graph, error) {
	asked, err := eventAt(ctx, log, at)
	if err != nil {
		return nil, err
	}
	correlation := correlationOf(&asked)
	events, err := eventsOf(ctx, log, correlation)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(events, func(e event) bool { return e.Position == at }) {
		events = insert(events, asked)
	}
	cut := len(events) > Limit
	if cut {
		events = shorten(events, at)
	}
	g := arrange(events, correlation)
	g.Cut = cut
	return g, nil
}

// An event is what the graph keeps of one that was read.
type event struct {
	cairn.Recorded // without Data and Metadata

	correlation string
	cause       string // at most MaxTag bytes: what is longer is no ID and no correlation
}

func newEvent(e *cairn.Recorded) event {
	correlation, cause := cairn.Correlation(e.Metadata)
	kept := event{Recorded: *e, correlation: correlation, cause: clip(cause, cairn.MaxTag)}
	if cairn.ImpliedTag(e.Metadata) == "" {
		kept.correlation = "" // none that events can be found by
	}
	kept.Data, kept.Metadata = nil, nil
	return kept
}

// correlationOf is what an event belongs to, or what began with it.
func correlationOf(e *event) string {
	if e.correlation != "" {
		return e.correlation
	}
	return e.ID.String()
}

func eventAt(ctx context.Context, log cairn.LogReader, at cairn.Position) (event, error) {
	if at == 0 {
		return event{}, ErrNoEvent
	}
	found, err := read(ctx, log, cairn.AllOptions{After: at - 1, Before: at + 1, Limit: 1})
	if err == nil && len(found) == 0 {
		err = ErrNoEvent
	}
	if err != nil {
		return event{}, err
	}
	return found[0], nil
}

func read(ctx context.Context, log cairn.LogReader, o cairn.AllOptions) (all []event, err error) {
	for e, err := range log.ReadAll(ctx, o) {
		if err != nil {
			return nil, err
		}
		all = append(all, newEvent(&e))
	}
	return all, nil
}

// eventsOf reads the events of a correlation, and more than Limit if there are
// more.
func eventsOf(ctx context.Context, log cairn.LogReader, correlation string) ([]event, error) {
	o := cairn.AllOptions{Query: cairn.ByTag(cairn.CorrelationTag(correlation)), Limit: Limit + 1}
	events, err := read(ctx, log, o)
	if err != nil {
		return nil, err
	}
	return withBeginning(ctx, log, correlation, events)
}

// withBeginning adds the event whose ID is the correlation's, if it is not there
// and can be found.
func withBeginning(ctx context.Context, log cairn.LogReader, correlation string, events []event) ([]event, error) {
	id, err := cairn.ParseID(correlation)
	if err != nil || len(events) == 0 || slices.ContainsFunc(events, func(e event) bool { return e.ID == id }) {
		return events, nil
	}
	o := cairn.AllOptions{Before: events[0].Position, Backward: true, Limit: lookBehind}
	for e, err := range log.ReadAll(ctx, o) {
		if err != nil {
			return nil, err
		}
		if e.ID == id {
			return insert(events, newEvent(&e)), nil
		}
	}
	return events, nil
}

// insert puts an event in its place.
func insert(events []event, e event) []event {
	i := slices.IndexFunc(events, func(o event) bool { return o.Position > e.Position })
	if i < 0 {
		i = len(events)
	}
	return slices.Insert(events, i, e)
}

// shorten keeps the first Limit events, or one less and the one at a position.
func shorten(events []event, at cairn.Position) []event {
	i := slices.IndexFunc(events, func(e event) bool { return e.Position == at })
	if i >= Limit {
		events[Limit-1] = events[i]
	}
	return events[:Limit]
}
