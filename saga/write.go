package saga

import (
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/timer"
)

// A writer collects the batch of a step.
type writer struct {
	names    names
	timers   timer.Category
	metadata []byte
	step     step
	writes   []cairn.Write
}

func (w *writer) send(all []timer.Fire) error {
	own := w.names.history(w.step.ID)
	for _, m := range all {
		if m.Stream == own {
			return &cairn.InvalidError{Field: "send.stream", Problem: "must not be the history of the instance"}
		}
		if err := cairn.ValidateStream("send.stream", m.Stream); err != nil {
			return err
		}
		w.step.Sent = append(w.step.Sent, sent{m.Stream, m.Event.Type, m.Event.ID})
		w.writes = append(w.writes, cairn.Write{Stream: m.Stream, Expected: cairn.Any, Events: []cairn.Event{m.Event}})
	}
	return nil
}

func (w *writer) cancel(names []string) error {
	for _, name := range names {
		c, err := w.timers.Cancel(w.names.timerKey(w.step.ID, name))
		if err != nil {
			return err
		}
		w.writes = append(w.writes, w.stamped(c))
	}
	w.step.Cancelled = names
	return nil
}

func (w *writer) set(name string, due time.Time, e cairn.Event) error {
	if err := validateTimer(name); err != nil {
		return err
	}
	s, err := w.timers.Set(w.names.timerKey(w.step.ID, name), due, timer.Fire{Stream: w.names.timeout(w.step.ID), Event: e})
	if err != nil {
		return err
	}
	w.writes = append(w.writes, w.stamped(s))
	w.step.Timers = append(w.step.Timers, setTimer{name, due.UTC().Round(0), e.ID})
	return nil
}

// stamped is a write of a timer whose events say what led to them, like all that
// comes of a step.
func (w *writer) stamped(t cairn.Write) cairn.Write {
	for i := range t.Events {
		t.Events[i].Metadata = w.metadata
	}
	return t
}

// batch puts the step before what comes of it.
func (w *writer) batch(at cairn.Revision) (b cairn.Batch, err error) {
	e := cairn.Event{ID: cairn.NewID(), Type: w.kind(at), Metadata: w.metadata}
	if at == cairn.NoStream || w.step.Ended {
		e.Tags = []string{w.names.tag()}
	}
	if e.Data, err = encode(&w.step); err != nil {
		return b, err
	}
	history := cairn.Write{Stream: w.names.history(w.step.ID), Expected: at, Events: []cairn.Event{e}}
	return cairn.Batch{Writes: append([]cairn.Write{history}, w.writes...)}, nil
}

func (w *writer) kind(at cairn.Revision) string {
	switch {
	case w.step.Ended:
		return TypeEnded
	case w.step.Compensating != "":
		return TypeCompensating
	case at == cairn.NoStream:
		return TypeStarted
	}
	return TypeStepped
}
