// Package decidertest tests decisions with sentences:
//
//	accounts := decidertest.With(State.Evolve)
//
//	accounts.Given(Opened{"Ann"}, Deposited{100}).
//		When(Withdraw{30}.Decide).
//		Then(t, Withdrawn{30})
//
// Nothing is stored and nothing encoded; a decision is a function, and it is
// called.
package decidertest

import (
	"errors"
	"reflect"
	"slices"
	"testing"
)

// A Scenario is what has happened before a decision. It is a value: its methods
// return others, so one may be the beginning of many.
type Scenario[S, E any] struct {
	evolve  func(S, E) S
	initial func() S
	history []E
}

// With returns the scenario in which nothing has happened, for states that are
// folded with evolve from the zero S.
func With[S, E any](evolve func(S, E) S) Scenario[S, E] {
	return Scenario[S, E]{evolve: evolve, initial: func() (s S) { return s }}
}

// From returns the scenario with another initial state.
func (s Scenario[S, E]) From(initial func() S) Scenario[S, E] {
	s.initial = initial
	return s
}

// Given returns the scenario in which these events have happened as well.
func (s Scenario[S, E]) Given(history ...E) Scenario[S, E] {
	s.history = slices.Concat(s.history, history)
	return s
}

// When makes the decision.
func (s Scenario[S, E]) When(decide func(S) ([]E, error)) Outcome[S, E] {
	o := Outcome[S, E]{evolve: s.evolve, equal: func(a, b E) bool { return reflect.DeepEqual(a, b) }}
	o.state = o.fold(s.initial(), s.history)
	o.events, o.err = decide(o.state)
	return o
}

// An Outcome is what a decision has led to.
type Outcome[S, E any] struct {
	evolve func(S, E) S
	equal  func(a, b E) bool
	state  S
	events []E
	err    error
}

func (o Outcome[S, E]) fold(state S, events []E) S {
	for _, e := range events {
		state = o.evolve(state, e)
	}
	return state
}

// Comparing returns the outcome with another notion of equal events than
// [reflect.DeepEqual], such as one for Protocol Buffers.
func (o Outcome[S, E]) Comparing(equal func(a, b E) bool) Outcome[S, E] {
	o.equal = equal
	return o
}

// Then expects just these events, in this order.
func (o Outcome[S, E]) Then(t testing.TB, want ...E) {
	t.Helper()
	if o.err != nil {
		t.Errorf("the decision was refused: %v\nwant %d events:\n%s", o.err, len(want), lines("- ", want))
		return
	}
	if d, same := diff(want, o.events, o.equal); !same {
		t.Errorf("the decision led to other events (- want, + got):\n%s", d)
	}
}

// ThenNothing expects no events and no error.
func (o Outcome[S, E]) ThenNothing(t testing.TB) {
	t.Helper()
	o.Then(t)
}

// ThenError expects an error that is target in the sense of [errors.Is].
func (o Outcome[S, E]) ThenError(t testing.TB, target error) {
	t.Helper()
	switch {
	case o.err == nil:
		t.Errorf("the decision was not refused\nwant error: %v\ngot %d events:\n%s", target, len(o.events), lines("+ ", o.events))
	case !errors.Is(o.err, target):
		t.Errorf("the decision was refused for another reason\nwant: %v\n got: %v", target, o.err)
	}
}

// ThenState expects no error, and that the state after the events is want.
func (o Outcome[S, E]) ThenState(t testing.TB, want S) {
	t.Helper()
	if o.err != nil {
		t.Errorf("the decision was refused: %v", o.err)
		return
	}
	if got := o.fold(o.state, o.events); !reflect.DeepEqual(got, want) {
		t.Errorf("the decision led to another state\nwant: %s\n got: %s", show(want), show(got))
	}
}
