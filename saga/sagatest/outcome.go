package sagatest

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/cairndb/cairn/saga"
)

// An Outcome is what an instance has done about an event. Its methods check it, and
// return it so that more can be said.
type Outcome[S, E, C any] struct {
	after   Scenario[S, E, C]
	effects saga.Effects[E, C]
	ignored saga.Ignored
	err     error
}

// failed reports whether there is nothing to check, and fails the test if so.
func (o Outcome[S, E, C]) failed(t testing.TB) bool {
	t.Helper()
	switch {
	case o.err != nil:
		t.Errorf("the decision failed: %v", o.err)
	case o.ignored != "":
		t.Errorf("the event was ignored: %s", o.ignored)
	}
	return o.err != nil || o.ignored != ""
}

// ThenSends expects just these messages, in this order.
func (o Outcome[S, E, C]) ThenSends(t testing.TB, want ...saga.Message[C]) Outcome[S, E, C] {
	t.Helper()
	if !o.failed(t) && !equal(o.effects.Send, want) {
		t.Errorf("other messages were sent\nwant:\n%s\ngot:\n%s", lines(want), lines(o.effects.Send))
	}
	return o
}

// ThenSets expects just these timers to be set.
func (o Outcome[S, E, C]) ThenSets(t testing.TB, want ...saga.Timer[E]) Outcome[S, E, C] {
	t.Helper()
	if !o.failed(t) && !equal(o.effects.Set, want) {
		t.Errorf("other timers were set\nwant:\n%s\ngot:\n%s", lines(want), lines(o.effects.Set))
	}
	return o
}

// ThenCancels expects just these timers, which were set, to be cancelled.
func (o Outcome[S, E, C]) ThenCancels(t testing.TB, want ...string) Outcome[S, E, C] {
	t.Helper()
	got := slices.Sorted(slices.Values(o.effects.Cancel))
	if !o.failed(t) && !equal(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("other timers were cancelled\nwant: %q\n got: %q", want, got)
	}
	return o
}

// ThenWaits expects nothing to be sent, set or cancelled, and the instance to go on.
func (o Outcome[S, E, C]) ThenWaits(t testing.TB) Outcome[S, E, C] {
	t.Helper()
	return o.ThenSends(t).ThenSets(t).ThenCancels(t).ThenGoesOn(t)
}

// ThenCompensates expects compensation to begin, for a reason.
func (o Outcome[S, E, C]) ThenCompensates(t testing.TB, reason string) Outcome[S, E, C] {
	t.Helper()
	if !o.failed(t) && o.effects.Reason != reason {
		t.Errorf("compensation begins because %q, want %q", o.effects.Reason, reason)
	}
	return o
}

// ThenEnds expects the instance to end.
func (o Outcome[S, E, C]) ThenEnds(t testing.TB) Outcome[S, E, C] {
	t.Helper()
	if !o.failed(t) && !o.effects.Ended {
		t.Error("the instance goes on")
	}
	return o
}

// ThenGoesOn expects the instance not to end.
func (o Outcome[S, E, C]) ThenGoesOn(t testing.TB) Outcome[S, E, C] {
	t.Helper()
	if !o.failed(t) && o.effects.Ended {
		t.Error("the instance has ended")
	}
	return o
}

// ThenState expects the state, with the event folded in.
func (o Outcome[S, E, C]) ThenState(t testing.TB, want S) Outcome[S, E, C] {
	t.Helper()
	if !o.failed(t) && !reflect.DeepEqual(o.after.state, want) {
		t.Errorf("the state is another\nwant: %+v\n got: %+v", want, o.after.state)
	}
	return o
}

// ThenIgnored expects the event to be ignored, and why.
func (o Outcome[S, E, C]) ThenIgnored(t testing.TB, why saga.Ignored) {
	t.Helper()
	if o.err != nil || o.ignored != why {
		t.Errorf("the event was not ignored because %q, but: %q, %v", why, o.ignored, o.err)
	}
}

// ThenError expects the decision to fail, with an error that is target in the sense
// of [errors.Is].
func (o Outcome[S, E, C]) ThenError(t testing.TB, target error) {
	t.Helper()
	if !errors.Is(o.err, target) {
		t.Errorf("the decision failed with %v, want %v", o.err, target)
	}
}

// equal compares lists, of which nil is an empty one.
func equal[T any](a, b []T) bool {
	return len(a) == 0 && len(b) == 0 || reflect.DeepEqual(a, b)
}

func lines[T any](all []T) string {
	var b strings.Builder
	for _, v := range all {
		fmt.Fprintf(&b, "\t%+v\n", v)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
