package projection

import (
	"context"
	"errors"
	"slices"

	"github.com/cairndb/cairn"
)

// settle applies events in as few transactions as it takes. When one of them fails,
// those before it are applied without it, and then it alone.
func (l *lane[Tx]) settle(ctx context.Context, events []*Event) error {
	for len(events) > 0 {
		failure, err := l.apply(ctx, events)
		if err != nil || failure == nil {
			return err
		}
		i, known := blamed(events, failure)
		switch {
		case len(events) == 1:
			return l.retry(ctx, events[0], failure)
		case !known:
			i = len(events) / 2
			err = l.settle(ctx, events[:i])
		default:
			err = l.settleBut(ctx, events[:i+1], failure)
			i++
		}
		if err != nil {
			return err
		}
		events = events[i:]
	}
	return nil
}

// settleBut applies events of which the last one has failed among others.
func (l *lane[Tx]) settleBut(ctx context.Context, events []*Event, failure error) error {
	last := len(events) - 1
	if err := l.settle(ctx, events[:last]); err != nil {
		return err
	}
	if isDecided(failure) {
		return l.retry(ctx, events[last], failure)
	}
	return l.settle(ctx, events[last:])
}

// blamed is the event that a failure names.
func blamed(events []*Event, failure error) (i int, known bool) {
	e, ok := errors.AsType[*EventError](failure)
	if !ok {
		return 0, false
	}
	return slices.BinarySearchFunc(events, e.Position, func(e *Event, p cairn.Position) int {
		return int(int64(e.Position) - int64(p))
	})
}

// verdict is what becomes of an event: what the handler has said, or else the
// projection.
func verdict(f Failures, failure error) Failures {
	if d, ok := errors.AsType[*decided](failure); ok {
		return d.what
	}
	return f
}

func isDecided(failure error) bool {
	_, ok := errors.AsType[*decided](failure)
	return ok
}

// retry tries an event that has failed again, as often as it may be, and then ends
// what cannot be mended.
func (l *lane[Tx]) retry(ctx context.Context, e *Event, failure error) error {
	for attempt := 1; ; attempt++ {
		if attempt >= l.o.Attempts || isDecided(failure) {
			return l.conclude(ctx, e, attempt, failure)
		}
		pause := l.o.Backoff(attempt)
		l.o.Logger.Warn("an event could not be applied", "projection", l.p.Name, "position", e.Position, "attempt", attempt, "again", pause, "error", failure)
		if l.o.OnRetry != nil {
			l.o.OnRetry(&e.Recorded, attempt, pause, failure)
		}
		if !rest(ctx, max(pause, 0)) {
			return context.Cause(ctx)
		}
		var err error
		if failure, err = l.apply(ctx, []*Event{e}); err != nil || failure == nil {
			return err
		}
	}
}

// conclude does with an event what is to be done with those that fail.
func (l *lane[Tx]) conclude(ctx context.Context, e *Event, attempts int, failure error) error {
	reason := failure
	if own, ok := errors.AsType[*EventError](failure); ok {
		reason = own.Err
	}
	what := verdict(l.p.Failures, failure)
	l.o.Logger.Error("an event cannot be applied", "projection", l.p.Name, "position", e.Position, "stream", e.Stream, "attempts", attempts, "so", what, "error", reason)
	switch what {
	case ParkOnFailure:
		return l.park(ctx, e, attempts, reason)
	case SkipOnFailure:
		return l.skip(ctx, e, attempts, reason)
	}
	stopped := l.failure(&e.Recorded, attempts, reason)
	if l.o.OnStopped != nil {
		l.o.OnStopped(stopped)
	}
	return stopped
}

// skip leaves an event out, and keeps a record of it.
func (l *lane[Tx]) skip(ctx context.Context, e *Event, attempts int, reason error) error {
	b := l.without(e)
	b.next.Skipped++
	record := leftOut(&e.Recorded, attempts, reason)
	b.Put = append(b.Put, Entry{l.place.skippedAt(l.build.Build, e.Position), encode(record)})
	l.close(b)
	failure, err := l.commit(ctx, b)
	if err = errors.Join(err, failure); err == nil && l.o.OnSkipped != nil {
		l.o.OnSkipped(&e.Recorded, attempts, reason)
	}
	return err
}

// without begins a batch that goes past an event without applying it.
func (l *lane[Tx]) without(e *Event) *batch {
	b := &batch{next: l.at}
	b.next.Position = e.Position
	b.next.Add(&e.Recorded)
	return b
}
