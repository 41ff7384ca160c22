package decidertest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cairndb/cairn/decider/decidertest"
)

type event interface{ lamp() }

type (
	turnedOn  struct{ Watts int }
	turnedOff struct{}
)

func (turnedOn) lamp()   {}
func (*turnedOff) lamp() {}

type lamp struct{ On bool }

func (l lamp) evolve(e event) lamp {
	_, l.On = e.(turnedOn)
	return l
}

var errBroken = errors.New("broken")

func (l lamp) toggle() ([]event, error) {
	if l.On {
		return []event{&turnedOff{}}, nil
	}
	return []event{turnedOn{60}}, nil
}

func nothing(lamp) ([]event, error) { return nil, nil }
func fail(lamp) ([]event, error)    { return nil, fmt.Errorf("cannot: %w", errBroken) }

func TestScenariosThatHold(t *testing.T) {
	lamps := decidertest.With(lamp.evolve)
	lamps.When(lamp.toggle).Then(t, turnedOn{60})
	lamps.Given(turnedOn{60}).When(lamp.toggle).Then(t, &turnedOff{})
	lamps.Given(turnedOn{60}).Given(&turnedOff{}).When(lamp.toggle).ThenState(t, lamp{On: true})
	lamps.From(func() lamp { return lamp{On: true} }).When(lamp.toggle).Then(t, &turnedOff{})
	lamps.When(nothing).ThenNothing(t)
	lamps.When(fail).ThenError(t, errBroken)
	lamps.When(lamp.toggle).Comparing(func(a, b event) bool { return true }).Then(t, turnedOn{99})
}

// A recorder is a test that fails on behalf of another.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) { r.said += fmt.Sprintf(format, args...) }

func TestScenariosThatDoNotHold(t *testing.T) {
	given := decidertest.With(lamp.evolve)
	three := func(lamp) ([]event, error) { return []event{turnedOn{1}, &turnedOff{}, turnedOn{2}}, nil }
	for says, check := range map[string]func(testing.TB){
		"other events (- want, + got):\n\t- decidertest_test.turnedOn{Watts:40}\n\t+ decidertest_test.turnedOn{Watts:60}\n": func(t testing.TB) {
			given.When(lamp.toggle).Then(t, turnedOn{40})
		},
		"\t  decidertest_test.turnedOn{Watts:1}\n\t+ &decidertest_test.turnedOff{}\n\t  decidertest_test.turnedOn{Watts:2}\n\t- decidertest_test.turnedOn{Watts:3}\n": func(t testing.TB) {
			given.When(three).Then(t, turnedOn{1}, turnedOn{2}, turnedOn{3})
		},
		"+ decidertest_test.turnedOn{Watts:60}": func(t testing.TB) { given.When(lamp.toggle).ThenNothing(t) },
		"refused: cannot: broken\nwant 1 events:\n\t- decidertest_test.turnedOn{Watts:1}": func(t testing.TB) {
			given.When(fail).Then(t, turnedOn{1})
		},
		"was refused: cannot: broken": func(t testing.TB) { given.When(fail).ThenState(t, lamp{}) },
		"want error: broken\ngot 1 events:\n\t+ decidertest_test.turnedOn{Watts:60}": func(t testing.TB) {
			given.When(lamp.toggle).ThenError(t, errBroken)
		},
		"another reason\nwant: EOF\n got: cannot: broken": func(t testing.TB) {
			given.When(fail).ThenError(t, errors.New("EOF"))
		},
		"want: decidertest_test.lamp{On:false}\n got: decidertest_test.lamp{On:true}": func(t testing.TB) {
			given.When(lamp.toggle).ThenState(t, lamp{})
		},
	} {
		r := &recorder{TB: t}
		if check(r); !strings.Contains(r.said, says) {
			t.Errorf("got\n%s\nwant\n%s", r.said, says)
		}
	}
}
