package saga

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/timer"
)

// A step is the data of an event of a history.
type step struct {
	ID    string `json:"instance"`
	Cause cause  `json:"cause"`
	Sent  []sent `json:"sent,omitempty"`

	Timers    []setTimer `json:"timers,omitempty"`
	Cancelled []string   `json:"cancelled,omitempty"`

	Undo         []timer.Fire `json:"undo,omitempty"`         // what was registered here
	Compensating string       `json:"compensating,omitempty"` // why compensation begins here
	Undone       int          `json:"undone,omitempty"`       // how many of those sent were registered
	Ended        bool         `json:"ended,omitempty"`
}

// A cause is the event that a step is about.
type cause struct {
	Event    timer.Fire     `json:"event"`
	Revision cairn.Revision `json:"revision"`
	Position cairn.Position `json:"position"`
	Time     time.Time      `json:"time"`
}

type sent struct {
	Stream string   `json:"stream"`
	Type   string   `json:"type"`
	ID     cairn.ID `json:"id"`
}

type setTimer struct {
	Name  string    `json:"name"`
	Due   time.Time `json:"due"`
	Event cairn.ID  `json:"event"` // that comes back
}

func causeOf(r *cairn.Recorded) cause {
	c := cause{Event: timer.Fire{Stream: r.Stream, Event: r.Event}, Revision: r.Revision, Position: r.Position, Time: r.Time}
	c.Event.Event.Time = time.Time{}
	return c
}

// recorded is the event as it came.
func (c *cause) recorded() cairn.Recorded {
	r := cairn.Recorded{Event: c.Event.Event, Stream: c.Event.Stream, Revision: c.Revision, Position: c.Position}
	r.Time = c.Time
	return r
}

// encode is json.Marshal without the escapes that are for browsers only.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// A HistoryError reports an event of a history that cannot be read: this package has
// not written it, or the saga's codecs do not know any more what is in it.
type HistoryError struct {
	Stream   string
	Revision cairn.Revision
	Position cairn.Position
	Err      error
}

// Error says which event, and what is wrong with it.
func (e *HistoryError) Error() string {
	return fmt.Sprintf("saga: event %d of stream %q, at position %d, is no step of a saga: %v", e.Revision, e.Stream, e.Position, e.Err)
}

// Unwrap returns the cause.
func (e *HistoryError) Unwrap() error { return e.Err }

var errNoCause = errors.New("it names no instance or no cause")

// parseStep reads an event of a history.
func parseStep(e *cairn.Recorded) (s step, err error) {
	if err = json.Unmarshal(e.Data, &s); err == nil && (s.ID == "" || s.Cause.Event.Event.Type == "") {
		err = errNoCause
	}
	if err != nil {
		return s, &HistoryError{e.Stream, e.Revision, e.Position, err}
	}
	return s, nil
}

// A course is what the history says of an instance, whatever its types.
type course struct {
	revision     cairn.Revision
	seen         map[cairn.ID]bool
	timers       map[string]setTimer
	compensating bool
	reason       string
	ended        bool
}

func newCourse() *course {
	return &course{revision: cairn.NoStream, seen: map[cairn.ID]bool{}, timers: map[string]setTimer{}}
}

// add folds a step in.
func (c *course) add(s *step, at cairn.Revision) {
	c.revision = at
	id := s.Cause.Event.Event.ID
	c.seen[id] = true
	if name, ok := c.timer(id); ok {
		delete(c.timers, name)
	}
	for _, name := range s.Cancelled {
		delete(c.timers, name)
	}
	for _, t := range s.Timers {
		c.timers[t.Name] = t
	}
	if s.Compensating != "" {
		c.compensating, c.reason = true, s.Compensating
	}
	c.ended = c.ended || s.Ended
}

// timer is the name of the timer that comes back as an event.
func (c *course) timer(id cairn.ID) (name string, ok bool) {
	for name, t := range c.timers {
		if t.Event == id {
			return name, true
		}
	}
	return "", false
}

// names lists the timers that are set.
func (c *course) names() []string { return slices.Sorted(maps.Keys(c.timers)) }

// read yields the steps of an instance.
func (n names) read(ctx context.Context, store cairn.StreamReader, id string, yield func(*step, *cairn.Recorded) error) error {
	for e, err := range store.ReadStream(ctx, n.history(id), cairn.ReadOptions{}) {
		if err != nil {
			return err
		}
		s, err := parseStep(&e)
		if err == nil {
			err = yield(&s, &e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
