// Package sagatest tests sagas with sentences:
//
//	orders := sagatest.With(fulfilment)
//
//	orders.Given(Placed{"7", 12}).
//		When(Paid{"7"}).
//		ThenSends(t, saga.Message[Command]{"stock-7", Pack{"7"}}).
//		ThenCancels(t, "payment")
//
//	orders.Given(Placed{"7", 12}).
//		WhenTimeout("payment").
//		ThenCompensates(t, "not paid in time").
//		ThenEnds(t)
//
// Nothing is stored and nothing encoded; the definition's functions are called, as
// package saga does.
package sagatest

import (
	"fmt"
	"slices"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/saga"
)

// A Scenario is what an instance has been through. It is a value: its methods return
// others, so one may be the beginning of many.
type Scenario[S, E, C any] struct {
	definition saga.Definition[S, E, C]
	now        time.Time

	id           string
	fixed        bool // every event is for it
	state        S
	started      bool
	compensating bool
	ended        bool
	undo         []saga.Message[C]
	timers       []saga.Timer[E] // by name
	err          error           // of a given event
}

// With returns the scenario in which nothing has happened. Its clock stands at the
// beginning of 2026.
func With[S, E, C any](d saga.Definition[S, E, C]) Scenario[S, E, C] {
	s := Scenario[S, E, C]{definition: d, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	if d.Initial != nil {
		s.state = d.Initial()
	}
	return s
}

// At returns the scenario at another time.
func (s Scenario[S, E, C]) At(now time.Time) Scenario[S, E, C] {
	s.now = now
	return s
}

// For returns the scenario of the instance with this ID, which every event is for:
// Correlate is not asked, as it may want to see the stream of an event, which is in
// none here.
func (s Scenario[S, E, C]) For(id string) Scenario[S, E, C] {
	s.id, s.fixed = id, true
	return s
}

// Given returns the scenario in which the instance has handled these events as well.
// What it does not expect fails the sentence.
func (s Scenario[S, E, C]) Given(events ...E) Scenario[S, E, C] {
	for _, e := range events {
		s = s.must(s.When(e), fmt.Sprintf("%T", e))
	}
	return s
}

// GivenTimeout returns the scenario in which a timer that was set has fired as well.
func (s Scenario[S, E, C]) GivenTimeout(name string) Scenario[S, E, C] {
	return s.must(s.WhenTimeout(name), "the timeout "+name)
}

func (s Scenario[S, E, C]) must(o Outcome[S, E, C], what string) Scenario[S, E, C] {
	switch {
	case s.err != nil:
		return s
	case o.err != nil:
		s.err = fmt.Errorf("given %s: %w", what, o.err)
	case o.ignored != "":
		s.err = fmt.Errorf("given %s: it was ignored: %s", what, o.ignored)
	default:
		s = o.after
	}
	return s
}

// When handles an event.
func (s Scenario[S, E, C]) When(e E) Outcome[S, E, C] {
	if s.err != nil {
		return Outcome[S, E, C]{err: s.err}
	}
	id := s.id
	if !s.fixed {
		id = s.definition.Correlate(e, &cairn.Recorded{})
	}
	switch {
	case id == "" || s.started && id != s.id:
		return Outcome[S, E, C]{after: s, ignored: OtherInstance}
	case s.ended:
		return Outcome[S, E, C]{after: s, ignored: saga.AfterEnd}
	case !s.started && !s.definition.Starts(e):
		return Outcome[S, E, C]{after: s, ignored: saga.NoInstance}
	}
	s.id, s.started = id, true
	return s.react(e)
}

// OtherInstance is why an event is ignored that is for no instance, or for another
// than those before it.
const OtherInstance saga.Ignored = "it is for another instance"

// WhenTimeout handles the event of a timer that is set. One that is not is ignored.
func (s Scenario[S, E, C]) WhenTimeout(name string) Outcome[S, E, C] {
	if s.err != nil {
		return Outcome[S, E, C]{err: s.err}
	}
	i := slices.IndexFunc(s.timers, func(t saga.Timer[E]) bool { return t.Name == name })
	if i < 0 {
		return Outcome[S, E, C]{after: s, ignored: saga.TimerIsOff}
	}
	e := s.timers[i].Event
	s.timers = slices.Delete(slices.Clone(s.timers), i, i+1)
	return s.react(e)
}

// react makes a step.
func (s Scenario[S, E, C]) react(e E) Outcome[S, E, C] {
	s.state = s.definition.Evolve(s.state, e)
	now := saga.Situation[S]{ID: s.id, State: s.state, Compensating: s.compensating, Now: s.now}
	for _, t := range s.timers {
		now.Timers = append(now.Timers, t.Name)
	}
	slices.Sort(now.Timers)
	f, err := s.definition.React(now, s.undo, e)
	if err != nil {
		return Outcome[S, E, C]{after: s, err: err}
	}
	s.undo, s.compensating, s.ended = f.Undo, f.Compensating, f.Ended
	off := func(t saga.Timer[E]) bool {
		return slices.Contains(f.Cancel, t.Name) || slices.ContainsFunc(f.Set, func(n saga.Timer[E]) bool { return n.Name == t.Name })
	}
	s.timers = append(slices.DeleteFunc(slices.Clone(s.timers), off), f.Set...)
	return Outcome[S, E, C]{after: s, effects: f}
}
