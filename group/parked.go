package group

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
)

// A ParkedKey is a key of which events are parked. What comes under it is
// parked behind them until none is left.
type ParkedKey struct {
	Key         string
	Error       string // why the first of them was parked, or has failed again
	Attempts    int    // after how many attempts
	First, Last cairn.Position
	Count       int
	Replaying   bool // it is being replayed, or will be when a member runs
}

// Parked lists the keys of a group of which events are parked, by the position
// of the first one.
func Parked(ctx context.Context, store Store, name string) ([]ParkedKey, error) {
	d, err := readDefinition(ctx, store, names(name))
	if err != nil {
		return nil, err
	}
	var all []ParkedKey
	for n := range d.Partitions {
		l, err := load(ctx, store, names(name).parked(n))
		if err != nil {
			return nil, err
		}
		for key, s := range l.shelves {
			all = append(all, ParkedKey{
				Key: key, Error: s.err, Attempts: s.attempts, Replaying: s.replaying,
				First: s.entries[0], Last: s.entries[len(s.entries)-1], Count: len(s.entries),
			})
		}
	}
	slices.SortFunc(all, func(a, b ParkedKey) int { return int(a.First) - int(b.First) })
	return all, nil
}

// ParkedEvents yields the events that are parked under a key, in order, as they
// would be replayed: edited ones as they were edited.
func ParkedEvents(ctx context.Context, store Store, name, key string) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		_, l, err := find(ctx, store, names(name), key)
		if err != nil {
			yield(cairn.Recorded{}, err)
			return
		}
		s := l.shelves[key]
		for _, p := range s.entries {
			t := task{position: p, edit: s.edits[p]}
			if err := t.fetch(ctx, store); err != nil {
				yield(cairn.Recorded{}, err)
				return
			}
			if t.event != nil && !yield(*t.event, nil) {
				return
			}
		}
	}
}

// Replay has what is parked under a key handled again, in order, by the members
// that run or will. New events of the key queue up behind, and when nothing is
// left it flows again. If an event fails again the key stays parked from there.
// A key that is not parked is an [ErrUnknown], here and below.
func Replay(ctx context.Context, store Store, name, key string) error {
	return ask(ctx, store, names(name), typeReplay, note{Key: key})
}

// ReplayAll is Replay for every parked key.
func ReplayAll(ctx context.Context, store Store, name string) error {
	keys, err := Parked(ctx, store, name)
	for _, k := range keys {
		if err := Replay(ctx, store, name, k.Key); err != nil && !errors.Is(err, ErrUnknown) {
			return err
		}
	}
	return err
}

// Edit puts another event in the place of one that is parked: it is handled
// with the type, data, metadata, format and tags of that one, and with its own
// stream, revision and position. The log stays as it is. Editing does not replay.
func Edit(ctx context.Context, store Store, name, key string, at cairn.Position, with cairn.Event) error {
	e := &edited{Type: with.Type, Data: with.Data, Metadata: with.Metadata, Format: with.Format, Tags: with.Tags}
	if err := validateEvent(with); err != nil {
		return err
	}
	return ask(ctx, store, names(name), typeEdited, note{Key: key, Position: at, Event: e})
}

// validateEvent holds an event to the limits of those that are appended.
func validateEvent(e cairn.Event) error {
	b := cairn.Batch{Writes: []cairn.Write{{Stream: "edited", Expected: cairn.Any, Events: []cairn.Event{e}}}}
	err := b.Validate()
	if bad, ok := errors.AsType[*cairn.InvalidError](err); ok {
		bad.Field = strings.TrimPrefix(bad.Field, "events[0].")
	}
	return err
}

// Drop gives up events that are parked under a key, those at the given
// positions, or all if there are none given. When nothing is left the key flows
// again.
func Drop(ctx context.Context, store Store, name, key string, at ...cairn.Position) error {
	if len(at) == 0 {
		return ask(ctx, store, names(name), typeDropped, note{Key: key})
	}
	for _, p := range at {
		if p == 0 {
			return &cairn.InvalidError{Field: "position", Problem: "no event is at position 0"}
		}
		if err := ask(ctx, store, names(name), typeDropped, note{Key: key, Position: p}); err != nil {
			return err
		}
	}
	return nil
}

// ask notes what is to be done, for the partition's owner to find.
func ask(ctx context.Context, store Store, g names, kind string, n note) error {
	for {
		stream, l, err := find(ctx, store, g, n.Key)
		if err != nil {
			return err
		}
		if n.Position > 0 && !l.on(n.Key, n.Position) {
			return fmt.Errorf("%w: in group %q the event at position %d is not parked under key %q", ErrUnknown, string(g), n.Position, n.Key)
		}
		e, err := n.event(kind, g.tag())
		if err != nil {
			return err
		}
		if _, err = store.Append(ctx, stream, l.revision, e); !errors.Is(err, cairn.ErrConflict) {
			return err
		}
	}
}

// find reads the ledger in which a key is parked.
func find(ctx context.Context, store Store, g names, key string) (stream string, l *ledger, err error) {
	d, err := readDefinition(ctx, store, g)
	if err != nil {
		return "", nil, err
	}
	stream = g.parked(partitionOf(key, d.Partitions))
	if l, err = load(ctx, store, stream); err == nil && l.shelves[key] == nil {
		err = fmt.Errorf("%w: in group %q nothing is parked under key %q", ErrUnknown, string(g), key)
	}
	return stream, l, err
}
