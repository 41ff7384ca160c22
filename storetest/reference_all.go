package storetest

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/cairndb/cairn"
)

func (r *reference) ReadAll(ctx context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		run := r.reading(ctx, o.Limit, yield)
		if err := o.Validate(); err != nil {
			run.fail(err)
		} else if o.Backward {
			run.backward(&o)
		} else {
			run.forward(&o)
		}
	}
}

// between is the log in the range that is asked for, how far that goes, and
// what to wait on for more.
func (r *reading) between(after, before cairn.Position) (events []cairn.Recorded, end cairn.Position, changed <-chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	end = r.head()
	if before != 0 {
		end = min(end, before-1)
	}
	if after < end {
		events = r.log[after:end:end]
	}
	return events, end, r.changed, r.ready(r.ctx)
}

func (r *reading) backward(o *cairn.AllOptions) {
	events, _, _, err := r.between(o.After, o.Before)
	if err != nil {
		r.fail(err)
		return
	}
	for _, e := range slices.Backward(events) {
		if selects(o, &e) && !r.emit(e) {
			return
		}
	}
}

func (r *reading) forward(o *cairn.AllOptions) {
	at, told := o.After, false
	for {
		events, end, changed, err := r.between(at, o.Before)
		switch {
		case err != nil:
			r.fail(err)
			return
		case len(events) > 0:
			if !r.scan(o, events) {
				return
			}
			at, told = end, false
		case o.Before != 0 && at >= o.Before-1:
			return
		case o.Follow && !told:
			told = true
			if o.CaughtUp != nil {
				r.passed = 0
				o.CaughtUp(end)
			}
		case o.Follow && !r.wait(changed):
			return
		}
		if !o.Follow {
			return
		}
	}
}

// scan yields the events selected and reports how far it is between them.
func (r *reading) scan(o *cairn.AllOptions, events []cairn.Recorded) bool {
	for i := range events {
		e := &events[i]
		r.passed++
		if selects(o, e) {
			if !r.emit(*e) {
				return false
			}
			r.passed = 0
		}
		if r.passed == cairn.ProgressEvery {
			if o.Progress != nil {
				o.Progress(e.Position)
			}
			r.passed = 0
		}
	}
	return true
}

func selects(o *cairn.AllOptions, e *cairn.Recorded) bool {
	if o.NoSystem && (strings.HasPrefix(e.Stream, "$") || strings.HasPrefix(e.Type, "$")) {
		return false
	}
	return o.Query.Match(e)
}
