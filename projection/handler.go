package projection

import (
	"context"
	"fmt"
	"slices"

	"github.com/cairndb/cairn/codec"
)

// A Handler applies events with a transaction. [On], [OnBatch], [OnEvent] and
// [Handlers] make one.
type Handler[Tx any] struct {
	// Types are those of the events that the handler applies. Nil means all but
	// the system's.
	Types []string

	// Apply applies events in the order of the log, at least one. A failure of one
	// of them is an *EventError, so that the others are not held up; of any other
	// error the runner finds out whose it is by trying again in smaller pieces.
	// The slice and the events are the runner's: keep clones.
	Apply func(ctx context.Context, tx Tx, events []*Event) error
}

// On applies the events of a codec one by one.
func On[Tx, E any](c codec.Codec[E], apply func(ctx context.Context, tx Tx, e E, at *Event) error) Handler[Tx] {
	h := OnEvent(func(ctx context.Context, tx Tx, at *Event) error {
		e, err := c.Decode(at.Recorded)
		if err != nil {
			return err
		}
		return apply(ctx, tx, e, at)
	})
	h.Types = c.Names()
	return h
}

// OnEvent applies events of the given types as they are stored, one by one.
// Without types it applies all but the system's.
func OnEvent[Tx any](apply func(ctx context.Context, tx Tx, at *Event) error, types ...string) Handler[Tx] {
	return Handler[Tx]{Types: types, Apply: func(ctx context.Context, tx Tx, events []*Event) error {
		for _, at := range events {
			if err := one(ctx, tx, at, apply); err != nil {
				return err
			}
		}
		return nil
	}}
}

// one applies one event. A panic is its failure.
func one[Tx any](ctx context.Context, tx Tx, at *Event, apply func(context.Context, Tx, *Event) error) error {
	if err := safely(func() error { return apply(ctx, tx, at) }); err != nil {
		return &EventError{Position: at.Position, Err: err}
	}
	return nil
}

// A Decoded is an event and what was decoded from it.
type Decoded[E any] struct {
	Value E
	*Event
}

// OnBatch applies the events of a codec many at a time: all that one transaction
// is for. It is for loading fast, with COPY or statements of many rows. If apply
// fails, the runner finds the event in question by trying fewer of them.
func OnBatch[Tx, E any](c codec.Codec[E], apply func(ctx context.Context, tx Tx, events []Decoded[E]) error) Handler[Tx] {
	return Handler[Tx]{Types: c.Names(), Apply: func(ctx context.Context, tx Tx, events []*Event) error {
		batch := make([]Decoded[E], len(events))
		for i, at := range events {
			e, err := c.Decode(at.Recorded)
			if err != nil {
				return &EventError{Position: at.Position, Err: err}
			}
			batch[i] = Decoded[E]{e, at}
		}
		return apply(ctx, tx, batch)
	}}
}

// Handlers joins handlers, each for types of its own. A run of events of one
// handler's types is given to it in one piece. Two handlers for one type are a
// programming error, and it panics.
func Handlers[Tx any](handlers ...Handler[Tx]) Handler[Tx] {
	var all Handler[Tx]
	of := map[string]int{}
	for i, h := range handlers {
		if len(h.Types) == 0 {
			panic("projection: a handler for all types cannot be joined with others")
		}
		for _, name := range h.Types {
			if _, ok := of[name]; ok {
				panic(fmt.Sprintf("projection: two handlers for type %q", name))
			}
			of[name] = i
		}
		all.Types = append(all.Types, h.Types...)
	}
	slices.Sort(all.Types)
	all.Apply = func(ctx context.Context, tx Tx, events []*Event) error {
		for len(events) > 0 {
			i := of[events[0].Type]
			n := slices.IndexFunc(events, func(e *Event) bool { return of[e.Type] != i })
			if n < 0 {
				n = len(events)
			}
			if err := handlers[i].Apply(ctx, tx, events[:n]); err != nil {
				return err
			}
			events = events[n:]
		}
		return nil
	}
	return all
}
