package ui

import (
	"errors"
	"net/http"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/server/access"
)

// stepsShown is how many steps of an instance a page tells, the last ones.
const stepsShown = 100

// A storyPage is what the page of an instance shows.
type storyPage struct {
	instanceLine
	History     string // the stream
	Group       string
	Correlation string
	Earlier     int // steps that are not shown
	Steps       []storyStep
	Strip       strip
	Took        time.Duration // from the first step to the last, or until now
	Replaying   bool
	MayAct      bool
	NoHistory   bool // what starts it is parked
}

// A storyStep is a step as the page tells it.
type storyStep struct {
	saga.Step
	Number int
	Kind   string        // "start", "back", "end" or "step": the class of its mark
	Waited time.Duration // since the step before
	Late   time.Duration // from when the event was there until it was handled
	Timer  bool          // it came from a timer of the instance
	Known  bool          // the event is there, at its position
}

func (u *ui) instance(w http.ResponseWriter, r *http.Request) error {
	name, err := sagaOf(r)
	if err != nil {
		return err
	}
	id := unescapeSegment(r.PathValue("id"))
	p := storyPage{History: saga.HistoryOf(name, id), Group: saga.GroupOf(name)}
	if err := cairn.ValidateStream("id", p.History); err != nil {
		return err
	}
	if err := u.access.Check(r.Context(), access.Read, p.History); err != nil {
		return err
	}
	in, err := saga.Get(r.Context(), u.store, name, id)
	if errors.Is(err, saga.ErrUnknown) {
		return notThere("The saga %q has no instance %q: it did not start, or its history was deleted.", name, id)
	}
	if err != nil {
		return err
	}
	p.instanceLine = lineOfInstance(in, time.Now())
	p.MayAct = u.may(r, access.Write, group.DefinitionStream(p.Group))
	if p.Replaying, err = u.isReplaying(r, &p); err != nil {
		return err
	}
	p.tell(&in)
	return u.render(w, r, "instance", view{Title: id, Section: "sagas", Data: p})
}

// isReplaying reports whether what is parked is being handled again.
func (u *ui) isReplaying(r *http.Request, p *storyPage) (bool, error) {
	if p.ParkedEvents == 0 {
		return false, nil
	}
	keys, err := group.Parked(r.Context(), u.store, p.Group)
	for _, k := range keys {
		if k.Key == p.ID {
			return k.Replaying, err
		}
	}
	return false, err
}

// tell makes a story of what the history says.
func (p *storyPage) tell(in *saga.Instance) {
	if p.NoHistory = len(in.Steps) == 0; p.NoHistory {
		return
	}
	p.Took = in.Since.Sub(in.Started)
	if in.Status != saga.Ended {
		p.Took = max(time.Since(in.Started), 0)
	}
	if p.Correlation, _ = cairn.Correlation(in.Steps[0].Cause.Metadata); p.Correlation == "" {
		p.Correlation = in.Steps[0].Cause.ID.String()
	}
	p.Earlier = max(len(in.Steps)-stepsShown, 0)
	for i := p.Earlier; i < len(in.Steps); i++ {
		p.Steps = append(p.Steps, storyOf(in.Steps, i))
	}
	p.Strip = stripOf(p.Steps, in, time.Now())
}

func storyOf(all []saga.Step, i int) storyStep {
	s := storyStep{Step: all[i], Number: i + 1, Kind: "step"}
	if i > 0 {
		s.Waited = max(s.Time.Sub(all[i-1].Time), 0)
	}
	s.Late = max(s.Time.Sub(s.Cause.Time), 0)
	_, _, s.Timer = saga.OfTimeout(s.Cause.Stream)
	switch {
	case s.Ended:
		s.Kind = "end"
	case s.Reason != "":
		s.Kind = "back"
	case i == 0:
		s.Kind = "start"
	}
	return s
}

// A strip is the course of time as a picture, in pixels: a mark for each step, and
// one for each timer that is still to come.
type strip struct {
	Width  int
	Marks  []stripMark
	Timers []stripMark
}

type stripMark struct {
	X      int
	Kind   string
	Number int // of the step; 0 for a timer
	Title  string
}

// The sizes of a strip.
const (
	stripWidth  = 960
	stripMargin = 12
)

// stripOf places steps by when they were. What is still to come is at the end.
func stripOf(steps []storyStep, in *saga.Instance, now time.Time) strip {
	s := strip{Width: stripWidth}
	first, last := steps[0].Time, steps[len(steps)-1].Time
	if in.Status != saga.Ended {
		last = later(last, now)
	}
	for _, t := range in.Timers {
		last = later(last, t.Due)
	}
	place := func(t time.Time) int {
		whole := max(last.Sub(first), 1)
		part := min(max(t.Sub(first), 0), whole)
		return stripMargin + int(float64(part)/float64(whole)*(stripWidth-2*stripMargin))
	}
	for i := range steps {
		s.Marks = append(s.Marks, stripMark{place(steps[i].Time), steps[i].Kind, steps[i].Number, steps[i].Cause.Type})
	}
	for _, t := range in.Timers[:min(len(in.Timers), stepsShown)] {
		s.Timers = append(s.Timers, stripMark{place(t.Due), "timer", 0, t.Name})
	}
	return s
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
