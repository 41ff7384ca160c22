package saga

import (
	"slices"
)

// Effects are what comes of a decision.
type Effects[E, C any] struct {
	Send   []Message[C] // in this order, with what is undone
	Set    []Timer[E]
	Cancel []string     // timers that are set and shall not fire
	Undo   []Message[C] // all that is registered then, the oldest first
	Undone int          // how many of Send were registered

	Compensating bool
	Reason       string // why compensation begins here; empty if it does not
	Ended        bool
}

// React decides and works out what follows, and stores nothing. undo is what was
// registered so far. It is what [Run] does for each event, and is here for tests.
func (d *Definition[S, E, C]) React(now Situation[S], undo []Message[C], e E) (f Effects[E, C], err error) {
	decision, err := d.Decide(now, e)
	if err != nil {
		return f, err
	}
	f.Set, f.Ended = decision.After, decision.End
	if f.Compensating = now.Compensating; !f.Compensating && decision.Compensate != "" {
		f.Compensating, f.Reason = true, decision.Compensate
	}
	f.Undo = slices.Concat(undo, decision.Undo)
	if f.Compensating {
		f.Send, f.Undo = f.Undo, nil
		slices.Reverse(f.Send)
		f.Undone = len(f.Send)
	}
	f.Send = append(f.Send, decision.Send...)
	f.Cancel = cancels(now.Timers, &decision, f.Reason != "")
	if f.Ended {
		f.Set = nil
	}
	return f, nil
}

// cancels lists the timers that are set and shall not fire any more. One that is
// set anew needs no cancelling.
func cancels[E, C any](set []string, d *Decision[E, C], all bool) (names []string) {
	for _, name := range set {
		anew := slices.ContainsFunc(d.After, func(t Timer[E]) bool { return t.Name == name })
		if d.End || !anew && (all || slices.Contains(d.Cancel, name)) {
			names = append(names, name)
		}
	}
	return names
}
