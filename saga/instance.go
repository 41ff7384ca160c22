package saga

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/timer"
)

// ErrUnknown is matched by the error of looking at an instance that is not there.
var ErrUnknown = errors.New("saga: there is no such instance")

// A Status says how an instance stands.
type Status string

// The statuses.
const (
	NotStarted   Status = "not started" // what starts it is parked
	Running      Status = "running"
	Compensating Status = "compensating"
	Ended        Status = "ended"
)

// An Instance describes one, as its history does.
type Instance struct {
	Saga   string
	ID     string
	Status Status
	Reason string // why it compensates, or did

	Started time.Time // by the clock of the store
	Since   time.Time // of its last step
	Steps   []Step    // the oldest first
	Timers  []Waiting // that are set

	// Parked is why the event that is next could not be handled, and ParkedEvents
	// how many are parked with it. Without any, Parked is empty.
	Parked       string
	ParkedEvents int
}

// A Step is what an instance did about an event.
type Step struct {
	Revision cairn.Revision // in the history
	Time     time.Time
	Cause    cairn.Recorded // what came
	Sent     []Sent
	Undone   int       // how many of those were registered to be sent when going back
	Set      []Waiting // timers
	Cancel   []string
	Undo     []timer.Fire // what was registered
	Reason   string       // why compensation begins here; empty if it does not
	Ended    bool
}

// A Sent is a message that was sent.
type Sent struct {
	Stream string
	Type   string
	ID     cairn.ID
}

// A Waiting is a timer that was set.
type Waiting struct {
	Name string
	Due  time.Time
}

// Get describes an instance, with all its steps. One that is not there is an
// [ErrUnknown].
func Get(ctx context.Context, store Store, saga, id string) (in Instance, err error) {
	if err := errors.Join(validateName("saga", saga), validateID(id)); err != nil {
		return in, err
	}
	parked, err := parkedOf(ctx, store, saga)
	if err != nil {
		return in, err
	}
	in, err = get(ctx, store, saga, id, parked)
	if err == nil && len(in.Steps) == 0 && in.ParkedEvents == 0 {
		err = fmt.Errorf("%w: %q of saga %q", ErrUnknown, id, saga)
	}
	return in, err
}

// parkedOf is what a saga's group has parked, by instance.
func parkedOf(ctx context.Context, store Store, saga string) (map[string]group.ParkedKey, error) {
	keys, err := group.Parked(ctx, store, names(saga).group())
	if err != nil && !errors.Is(err, group.ErrUnknown) {
		return nil, err
	}
	all := map[string]group.ParkedKey{}
	for _, k := range keys {
		all[k.Key] = k
	}
	return all, nil
}

func get(ctx context.Context, store Store, saga, id string, parked map[string]group.ParkedKey) (in Instance, err error) {
	in = Instance{Saga: saga, ID: id, Status: NotStarted, Parked: parked[id].Error, ParkedEvents: parked[id].Count}
	c := newCourse()
	err = names(saga).read(ctx, store, id, func(s *step, r *cairn.Recorded) error {
		c.add(s, r.Revision)
		in.Steps = append(in.Steps, s.describe(r))
		return nil
	})
	if err != nil || len(in.Steps) == 0 {
		return in, err
	}
	in.Started, in.Since, in.Reason = in.Steps[0].Time, in.Steps[len(in.Steps)-1].Time, c.reason
	in.Status = Running
	if c.compensating {
		in.Status = Compensating
	}
	if c.ended {
		in.Status = Ended
	}
	for _, name := range c.names() {
		in.Timers = append(in.Timers, Waiting{name, c.timers[name].Due})
	}
	return in, nil
}

func (s *step) describe(r *cairn.Recorded) Step {
	d := Step{Revision: r.Revision, Time: r.Time, Cause: s.Cause.recorded(), Undone: s.Undone, Cancel: s.Cancelled, Undo: s.Undo, Reason: s.Compensating, Ended: s.Ended}
	for _, m := range s.Sent {
		d.Sent = append(d.Sent, Sent(m))
	}
	for _, t := range s.Timers {
		d.Set = append(d.Set, Waiting{t.Name, t.Due})
	}
	return d
}

// State is the state of an instance, folded from its history, and its status.
func State[S, E, C any](ctx context.Context, store Store, d Definition[S, E, C], id string) (state S, status Status, err error) {
	if err := errors.Join(d.validate(), validateID(id)); err != nil {
		return state, "", err
	}
	h := &handler[S, E, C]{Definition: d, names: names(d.Name), store: store}
	in, err := h.load(ctx, id)
	switch {
	case err != nil:
		return state, "", err
	case in.revision == cairn.NoStream:
		return state, NotStarted, nil
	case in.ended:
		return in.state, Ended, nil
	case in.compensating:
		return in.state, Compensating, nil
	}
	return in.state, Running, nil
}
