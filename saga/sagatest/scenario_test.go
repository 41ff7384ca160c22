package sagatest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/saga/sagatest"
)

// A trip is booked: a flight, then a room. What cannot be had is undone.

type booked struct {
	Trip string
	What string
}

type book struct{ What string }

type trip struct{ Got int }

var errNoSuch = errors.New("no such thing")

func trips() saga.Definition[trip, booked, book] {
	return saga.Definition[trip, booked, book]{
		Name:      "trips",
		Events:    codec.JSON(codec.Types[booked]{"booked": booked{}}),
		Commands:  codec.JSON(codec.Types[book]{"book": book{}}),
		Correlate: func(e booked, _ *cairn.Recorded) string { return e.Trip },
		Starts:    func(e booked) bool { return e.What == "" },
		Evolve:    func(t trip, _ booked) trip { return trip{t.Got + 1} },
		Decide:    decide,
	}
}

var overdue = saga.Timer[booked]{Name: "overdue", After: time.Hour, Event: booked{"t", "overdue"}}

func decide(now saga.Situation[trip], e booked) (d saga.Decision[booked, book], err error) {
	switch e.What {
	case "":
		d.Send, d.Undo = saga.To("air", book{"flight"}), saga.To("air", book{"no flight"})
		d.After = []saga.Timer[booked]{overdue}
	case "flight":
		d.Send, d.Undo = saga.To("inn", book{"room"}), saga.To("inn", book{"no room"})
	case "room":
		d.End = true
	case "cancel":
		d.Cancel = []string{"overdue", "another"}
	case "overdue":
		d.Compensate = "too late"
	case "sorry":
		d.Undo, d.End = saga.To("inn", book{"no such room"}), true
	case "poison":
		return d, errNoSuch
	}
	return d, nil
}

func e(what string) booked { return booked{"t", what} }

func m(stream, what string) saga.Message[book] {
	return saga.Message[book]{Stream: stream, Body: book{what}}
}

func TestScenariosThatHold(t *testing.T) {
	begun := sagatest.With(trips()).Given(e(""))
	sagatest.With(trips()).When(e("")).ThenSends(t, m("air", "flight")).ThenSets(t, overdue).ThenCancels(t).ThenGoesOn(t)
	begun.When(e("flight")).ThenSends(t, m("inn", "room")).ThenSets(t).ThenState(t, trip{2})
	begun.Given(e("flight")).When(e("room")).ThenSends(t).ThenCancels(t, "overdue").ThenEnds(t)
	begun.Given(e("flight"), e("room")).When(e("late")).ThenIgnored(t, saga.AfterEnd)
	begun.When(e("odd")).ThenWaits(t)
	begun.When(e("cancel")).ThenCancels(t, "overdue")
	begun.Given(e("cancel")).WhenTimeout("overdue").ThenIgnored(t, saga.TimerIsOff)
	begun.WhenTimeout("overdue").ThenCompensates(t, "too late").ThenSends(t, m("air", "no flight")).ThenGoesOn(t)
	begun.Given(e("flight")).WhenTimeout("overdue").ThenSends(t, m("inn", "no room"), m("air", "no flight"))
	begun.GivenTimeout("overdue").When(e("sorry")).ThenSends(t, m("inn", "no such room")).ThenEnds(t)
	begun.When(e("poison")).ThenError(t, errNoSuch)
	begun.When(booked{"other", ""}).ThenIgnored(t, sagatest.OtherInstance)
	sagatest.With(trips()).When(e("flight")).ThenIgnored(t, saga.NoInstance)
	sagatest.With(trips()).For("t").Given(booked{}).When(booked{"other", "flight"}).ThenSends(t, m("inn", "room"))
}

// A recorder is a test that fails on behalf of another.
type recorder struct {
	testing.TB
	said string
}

func (r *recorder) Helper()                        {}
func (r *recorder) Error(args ...any)              { r.said += fmt.Sprintln(args...) }
func (r *recorder) Errorf(format string, a ...any) { r.said += fmt.Sprintf(format, a...) + "\n" }

func TestScenariosThatDoNotHold(t *testing.T) {
	begun := sagatest.With(trips()).Given(e(""))
	for says, check := range map[string]func(testing.TB){
		"want:\n\t{Stream:x Body:{What:y}}\ngot:\n\t{Stream:inn Body:{What:room}}": func(t testing.TB) { begun.When(e("flight")).ThenSends(t, m("x", "y")) },
		"other timers were set":                        func(t testing.TB) { begun.When(e("flight")).ThenSets(t, overdue) },
		"want: []\n got: [\"overdue\"]":                func(t testing.TB) { begun.When(e("cancel")).ThenWaits(t) },
		"begins because \"\", want \"x\"":              func(t testing.TB) { begun.When(e("odd")).ThenCompensates(t, "x") },
		"the instance goes on":                         func(t testing.TB) { begun.When(e("odd")).ThenEnds(t) },
		"the instance has ended":                       func(t testing.TB) { begun.When(e("room")).ThenGoesOn(t) },
		"want: {Got:7}\n got: {Got:2}":                 func(t testing.TB) { begun.When(e("odd")).ThenState(t, trip{7}) },
		"failed: no such thing":                        func(t testing.TB) { begun.When(e("poison")).ThenSends(t) },
		"given sagatest_test.booked: no such thing":    func(t testing.TB) { begun.Given(e("poison")).When(e("odd")).ThenWaits(t) },
		"given the timeout x: it was ignored":          func(t testing.TB) { begun.GivenTimeout("x").When(e("odd")).ThenWaits(t) },
		"was ignored: it is for another instance":      func(t testing.TB) { begun.When(booked{"other", ""}).ThenGoesOn(t) },
		"not ignored because \"the instance has ended": func(t testing.TB) { begun.When(e("odd")).ThenIgnored(t, saga.AfterEnd) },
		"failed with <nil>, want no such thing":        func(t testing.TB) { begun.When(e("odd")).ThenError(t, errNoSuch) },
	} {
		r := &recorder{TB: t}
		if check(r); !strings.Contains(r.said, says) {
			t.Errorf("got\n%s\nwant\n%s", r.said, says)
		}
	}
}

// TestValues: a scenario may be the beginning of many.
func TestValues(t *testing.T) {
	begun := sagatest.With(trips()).At(time.Unix(0, 0)).Given(e(""))
	begun.Given(e("flight"))
	begun.Given(e("cancel"))
	begun.WhenTimeout("overdue").ThenSends(t, m("air", "no flight"))
	begun.WhenTimeout("overdue").ThenSends(t, m("air", "no flight"))
}
