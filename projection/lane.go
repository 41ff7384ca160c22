package projection

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// A lane applies the events of its keys, a batch at a time, in its own goroutine.
type lane[Tx any] struct {
	*work[Tx]
	n     int
	key   string // of its entry
	value string // of its entry, as long as the lane is ours
	at    Checkpoint
	keys  map[string]string // the entries of the keys that are parked, by the entry's key
	ring  ring
	size  size
	wrote time.Time // when the checkpoint was last written
	level bool      // it has come to a head since it was taken

	reached cairn.Position // every event up to there was applied

	next   cairn.Position // the reader's: up to where it was served
	joined chan struct{}  // closed when it is served

	mu    sync.Mutex
	shown laneProgress
}

func (w *work[Tx]) newLane(n int) *lane[Tx] {
	l := &lane[Tx]{work: w, n: n, key: w.place.lane(w.build.Build, n), size: newSize(w.o.MaxBatch)}
	l.ring = newRing(w.o.MaxBatch, w.o.MaxBytes)
	l.ring.close()
	return l
}

// run applies events as long as the lane is ours, and stands by otherwise.
func (l *lane[Tx]) run(ctx context.Context) error {
	for {
		select {
		case <-l.joined:
		case <-ctx.Done():
			return nil
		}
		err := l.serve(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if !errors.Is(err, ErrMoved) {
			return err
		}
		l.ring.close()
		if err := l.standBy(ctx); err != nil {
			return err
		}
		l.join(l)
	}
}

// serve applies what is handed to the lane until that fails.
func (l *lane[Tx]) serve(ctx context.Context) error {
	for {
		events, err := l.wait(ctx)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			err = l.advance(ctx)
		} else {
			err = l.settle(ctx, events)
			l.ring.settled(events)
		}
		if err != nil {
			return err
		}
	}
}

// wait waits for events, or for the time to write down how far the log was read.
func (l *lane[Tx]) wait(ctx context.Context) ([]*Event, error) {
	for {
		head, reached := l.ring.head.Load(), l.ring.reached.Load() // before what was written
		if events := l.ring.take(l.size.now); len(events) > 0 {
			return events, nil
		}
		l.reached = cairn.Position(reached)
		due := l.due(head > 0)
		if due == 0 {
			return nil, nil
		}
		if err := l.pause(ctx, due); err != nil {
			return nil, err
		}
	}
}

// never is when nothing is due.
const never = time.Duration(1<<63 - 1)

// due is when the checkpoint is to be moved to what was reached: at once when the
// lane comes to a head for the first time, and otherwise when nothing was written
// for a while.
func (l *lane[Tx]) due(head bool) time.Duration {
	behind := l.reached > l.at.Position
	switch {
	case head && behind && !l.level:
		return 0
	case head && !behind:
		l.isLevel()
	}
	if !behind {
		return never
	}
	return max(0, time.Until(l.wrote.Add(idleEvery)))
}

func (l *lane[Tx]) isLevel() {
	if !l.level {
		l.level = true
		l.show()
	}
	l.leveled()
}

// idleEvery is how often the checkpoint of a lane is moved over events of others.
const idleEvery = 2 * time.Second

func (l *lane[Tx]) pause(ctx context.Context, most time.Duration) error {
	var late <-chan time.Time
	if most != never {
		t := time.NewTimer(most)
		defer t.Stop()
		late = t.C
	}
	select {
	case <-l.ring.ready:
	case <-late:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return nil
}

// show lets others see where the lane stands.
func (l *lane[Tx]) show() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shown.Lane, l.shown.Position, l.shown.Owner = l.n, l.at.Position, l.at.Owner
	l.shown.Parked, l.shown.Skipped, l.shown.Level = l.at.Parked, l.at.Skipped, l.level
	l.shown.Standby = l.at.Owner != l.o.Owner
}

func (l *lane[Tx]) shows() laneProgress {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.shown
}
