package saga

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/timer"
)

// A handler makes steps.
type handler[S, E, C any] struct {
	Definition[S, E, C]
	names names
	store cairn.StreamReader
	o     Options
}

// An instance is what its history says.
type instance[S, C any] struct {
	*course
	state S
	undo  []Message[C]
}

// handle makes the step of an event, if it is one for an instance.
func (h *handler[S, E, C]) handle(ctx context.Context, r cairn.Recorded) (b cairn.Batch, err error) {
	e, err := h.Events.Decode(r)
	if err != nil {
		return b, group.Park(err)
	}
	id := h.correlate(e, &r)
	if id == "" {
		return b, nil
	}
	if err := validateID(id); err != nil {
		return b, group.Park(fmt.Errorf("saga: %s: correlate: %w", h.Name, err))
	}
	in, err := h.load(ctx, id)
	if err != nil {
		return b, err
	}
	if why := h.ignores(in.course, e, &r); why != "" {
		if h.o.OnIgnored != nil {
			h.o.OnIgnored(&r, id, why)
		}
		return b, nil
	}
	b, err = h.step(in, id, e, &r)
	return b, parkIfInvalid(err)
}

// ignores says why an event is not for the instance.
func (h *handler[S, E, C]) ignores(c *course, e E, r *cairn.Recorded) Ignored {
	_, on := c.timer(r.ID)
	switch {
	case c.seen[r.ID]:
		return HandledBefore
	case c.ended:
		return AfterEnd
	case h.own(r) && !on:
		return TimerIsOff
	case c.revision == cairn.NoStream && !h.Starts(e):
		return NoInstance
	}
	return ""
}

// load folds an instance's history.
func (h *handler[S, E, C]) load(ctx context.Context, id string) (in *instance[S, C], err error) {
	in = &instance[S, C]{course: newCourse()}
	if h.Initial != nil {
		in.state = h.Initial()
	}
	err = h.names.read(ctx, h.store, id, func(s *step, r *cairn.Recorded) error {
		if err := h.fold(in, s); err != nil {
			return &HistoryError{r.Stream, r.Revision, r.Position, err}
		}
		in.add(s, r.Revision)
		return nil
	})
	return in, err
}

func (h *handler[S, E, C]) fold(in *instance[S, C], s *step) error {
	e, err := h.Events.Decode(s.Cause.recorded())
	if err != nil {
		return err
	}
	in.state = h.Evolve(in.state, e)
	for _, u := range s.Undo {
		body, err := h.Commands.Decode(cairn.Recorded{Event: u.Event, Stream: u.Stream})
		if err != nil {
			return err
		}
		in.undo = append(in.undo, Message[C]{u.Stream, body})
	}
	if s.Undone > 0 {
		in.undo = nil
	}
	return nil
}

// step decides, and makes a batch of the decision.
func (h *handler[S, E, C]) step(in *instance[S, C], id string, e E, r *cairn.Recorded) (b cairn.Batch, err error) {
	if name, ok := in.timer(r.ID); ok {
		delete(in.timers, name) // it has fired
	}
	now := Situation[S]{ID: id, State: h.Evolve(in.state, e), Compensating: in.compensating, Timers: in.names(), Event: *r, Now: h.o.Clock.Now()}
	f, err := h.React(now, in.undo, e)
	if err != nil {
		return b, err
	}
	w := &writer{names: h.names, timers: h.o.Timers, metadata: metadata(r)}
	w.step = step{ID: id, Cause: causeOf(r), Compensating: f.Reason, Undone: f.Undone, Ended: f.Ended}
	if !f.Compensating {
		w.step.Undo, err = h.messages(f.Undo[len(in.undo):], nil)
	}
	var send []timer.Fire
	if err == nil {
		send, err = h.messages(f.Send, w.metadata)
	}
	if err == nil {
		err = w.send(send)
	}
	if err == nil {
		err = w.cancel(f.Cancel)
	}
	for i := 0; i < len(f.Set) && err == nil; i++ {
		err = h.set(w, &f.Set[i], now)
	}
	if err != nil {
		return b, err
	}
	return w.batch(in.revision)
}

// messages encodes messages.
func (h *handler[S, E, C]) messages(all []Message[C], metadata []byte) (fires []timer.Fire, err error) {
	for _, m := range all {
		e, err := h.Commands.Encode(m.Body)
		if err != nil {
			return nil, group.Park(err)
		}
		e.ID, e.Metadata = cairn.NewID(), metadata
		fires = append(fires, timer.Fire{Stream: m.Stream, Event: e})
	}
	return fires, nil
}

// set sets a timer.
func (h *handler[S, E, C]) set(w *writer, t *Timer[E], now Situation[S]) error {
	e, err := h.Events.Encode(t.Event)
	if err != nil {
		return group.Park(err)
	}
	e.ID, e.Metadata = cairn.NewID(), w.metadata
	return w.set(t.Name, t.due(now.Now), e)
}

// metadata says what led to an event, and to which conversation it belongs.
func metadata(r *cairn.Recorded) []byte {
	var of map[string]any
	_ = json.Unmarshal(r.Metadata, &of) // it may be anything
	m := map[string]string{decider.CausationID: r.ID.String(), decider.CorrelationID: r.ID.String()}
	if id, ok := of[decider.CorrelationID].(string); ok && id != "" {
		m[decider.CorrelationID] = id
	}
	b, _ := encode(m) // strings can be encoded
	return slices.Clip(b)
}
