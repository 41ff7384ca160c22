package projection

import (
	"context"
	"errors"
	"time"

	"github.com/cairndb/cairn"
)

// A watch is on a lane that somebody else has.
type watch struct {
	value   string         // of its entry when it was last looked at
	waiting cairn.Position // an event that has not been applied, as long as nothing moved
	since   time.Time      // when that was seen
	idle    cairn.Position // up to where the log holds nothing for the lane
}

// standBy waits until the lane is free, or its owner seems to be gone, and takes
// it. An owner is gone if an event waits for as long as a lease and nothing moves.
func (l *lane[Tx]) standBy(ctx context.Context) error {
	l.at.Owner = "" // whoever it is
	l.show()
	l.o.Logger.Info("somebody else has taken a lane; standing by", "projection", l.p.Name, "build", l.build.Build, "lane", l.n)
	var w watch
	for pause := firstLook; ; pause = min(2*pause, max(l.o.Lease/4, firstLook)) {
		found, err := l.stands(ctx)
		if err != nil {
			return err
		}
		l.showOther(&found.Checkpoint)
		gone, err := l.isGone(ctx, &w, &found)
		if err != nil {
			return err
		}
		if gone {
			err := l.persist(ctx, func(ctx context.Context) error { return l.take(ctx, []laneEntry{found}, []*lane[Tx]{l}) })
			if !errors.Is(err, ErrMoved) {
				return err
			}
		}
		if !rest(ctx, pause) {
			return context.Cause(ctx)
		}
	}
}

// firstLook is when a lane that was lost is looked at again, because it may have
// been taken for a moment only.
const firstLook = 50 * time.Millisecond

// isGone reports whether nobody works on the lane.
func (l *lane[Tx]) isGone(ctx context.Context, w *watch, found *laneEntry) (bool, error) {
	if found.Owner == "" || found.Owner == l.o.Owner { // of one's own one may not have heard
		return true, nil
	}
	if found.Value != w.value {
		*w = watch{value: found.Value, idle: found.Position}
		return false, nil
	}
	if w.waiting == 0 {
		if err := l.lookOut(ctx, w); err != nil || w.waiting == 0 {
			return false, err
		}
		w.since = time.Now()
	}
	return time.Since(w.since) >= l.o.Lease, nil
}

// lookOut looks for an event that waits for the lane.
func (l *lane[Tx]) lookOut(ctx context.Context, w *watch) error {
	info, err := l.log.Info(ctx)
	if err != nil || info.Head <= w.idle {
		return err
	}
	w.waiting, err = l.pending(ctx, l.n, w.idle, info.Head)
	w.idle = info.Head
	return err
}

// pending is the first event of a lane between two positions, or zero.
func (w *work[Tx]) pending(ctx context.Context, lane int, after, upTo cairn.Position) (cairn.Position, error) {
	o := selection(w.query)
	o.After, o.Before = after, upTo+1
	var next cairn.Recorded
	for e, err := range w.log.ReadAll(ctx, o) {
		if err != nil {
			return 0, err
		}
		next = e
		if n, err := w.laneOf(&next, len(w.lanes)); err != nil || n == lane {
			return e.Position, err
		}
	}
	return 0, nil
}

// showOther shows where a lane stands that somebody else has.
func (l *lane[Tx]) showOther(c *Checkpoint) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shown.Position, l.shown.Owner, l.shown.Standby, l.shown.Level = c.Position, c.Owner, true, false
	l.shown.Parked, l.shown.Skipped = c.Parked, c.Skipped
}
