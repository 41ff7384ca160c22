package saga

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

// Names lists the sagas of a store that somebody has run, by name. It costs what
// [group.List] does.
func Names(ctx context.Context, store Store) ([]string, error) {
	groups, err := group.List(ctx, store)
	if err != nil {
		return nil, err
	}
	var all []string
	for _, g := range groups {
		if name, ok := strings.CutPrefix(g, names("").group()); ok && validateName("saga", name) == nil {
			all = append(all, name)
		}
	}
	return all, nil
}

// GroupOf is the name of the group of a saga, under which its instances are parked
// by their IDs.
func GroupOf(saga string) string { return names(saga).group() }

// HistoryOf is the stream that is the history of an instance.
func HistoryOf(saga, id string) string { return names(saga).history(id) }

// OfTimeout is the saga and the instance to which timeouts in a stream come, if it
// is such a stream.
func OfTimeout(stream string) (saga, id string, ok bool) {
	rest, ok := strings.CutPrefix(stream, anyTimeout)
	saga, id, found := strings.Cut(rest, "-")
	if !ok || !found || validateName("saga", saga) != nil || validateID(id) != nil {
		return "", "", false
	}
	return saga, id, true
}

// A Roster says who of a saga has not ended, as of a moment, without their
// histories.
type Roster struct {
	Saga   string
	IDs    []string                   // by when they started, and then what is parked and could not start
	Parked map[string]group.ParkedKey // what is parked, by ID
}

// Open makes the roster of a saga. It costs what [List] does but for the
// histories: some bytes for each instance that has not ended. What could not start
// has the ID of its instance, or, if it could not even be read, its stream.
func Open(ctx context.Context, store Store, saga string) (r Roster, err error) {
	if err := validateName("saga", saga); err != nil {
		return r, err
	}
	c, err := names(saga).running(ctx, store)
	if err != nil {
		return r, err
	}
	r = Roster{Saga: saga, IDs: c.IDs}
	if r.Parked, err = parkedOf(ctx, store, saga); err != nil {
		return r, err
	}
	unstarted := maps.Clone(r.Parked)
	for _, id := range c.IDs {
		delete(unstarted, id)
	}
	r.IDs = append(r.IDs, slices.Sorted(maps.Keys(unstarted))...)
	return r, nil
}

// Instance describes one of the roster. It costs as much as it has steps. One that
// has ended meanwhile says so.
func (r *Roster) Instance(ctx context.Context, store Store, id string) (Instance, error) {
	return get(ctx, store, r.Saga, id, r.Parked)
}

// GoingBack is who of the roster compensates, of the instances that have begun to
// in the latest of all compensations of the store; complete is false if there are
// more of those than limit, which is how many events are read at most.
func (r *Roster) GoingBack(ctx context.Context, store Store, limit int) (ids []string, complete bool, err error) {
	open := map[string]bool{}
	for _, id := range r.IDs {
		open[id] = true
	}
	read := 0
	o := cairn.AllOptions{Backward: true, Limit: limit, Query: cairn.Query{{Types: []string{TypeCompensating}, Categories: []string{historyCategory}}}}
	for e, err := range store.ReadAll(ctx, o) {
		if err != nil {
			return nil, false, err
		}
		read++
		if id, ok := strings.CutPrefix(e.Stream, names(r.Saga).history("")); ok && open[id] {
			ids = append(ids, id)
		}
	}
	return ids, read < limit, nil
}

// LatelyEnded describes instances that have ended, the last one first, not more than
// limit, and of those that ended before a position if that is not zero. It costs as
// much as these have steps.
func LatelyEnded(ctx context.Context, store Store, saga string, before cairn.Position, limit int) (all []Instance, err error) {
	if err := validateName("saga", saga); err != nil {
		return nil, err
	}
	q := cairn.Query{{Types: []string{TypeEnded}, Tags: []string{names(saga).tag()}}}
	var ids []string
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{Backward: true, Before: before, Limit: limit, Query: q}) {
		if err != nil {
			return nil, err
		}
		if s, err := parseStep(&e); err == nil && e.Stream == HistoryOf(saga, s.ID) {
			ids = append(ids, s.ID)
		}
	}
	for _, id := range ids {
		in, err := get(ctx, store, saga, id, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, in)
	}
	return all, nil
}
