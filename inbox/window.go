package inbox

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// A window is the part of the log in which marks count: what lies behind the
// floor. The floor of one owner may be lower than that of another, which then
// has forgotten more; it is never above a mark that must be remembered.
type window struct {
	mu    sync.Mutex
	floor cairn.Position
	due   time.Time // when to sweep next
}

func (w *window) position() cairn.Position {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.floor
}

func (w *window) raise(to cairn.Position) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.floor = max(w.floor, to)
}

// take reports whether it is time to sweep, to one of those who ask.
func (w *window) take(every time.Duration) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if now.Before(w.due) {
		return false
	}
	w.due = now.Add(every)
	return true
}

// Sweep forgets what is too old by the rules of the inbox. Handle does so too,
// now and then. Sweeping while others handle or sweep is safe.
func (in *Inbox) Sweep(ctx context.Context) error {
	info, err := in.store.Info(ctx)
	if err != nil {
		return err
	}
	first, err := in.first(ctx)
	if err != nil {
		return err
	}
	oldest, ok, err := in.at(ctx, first)
	if err != nil {
		return err
	}
	if !ok { // no mark yet: what is to come lies behind the head as it was
		in.window.raise(info.Head)
		return nil
	}
	in.window.raise(oldest.Position - 1)
	return in.truncate(ctx, oldest.Revision)
}

// first is the revision of the first mark to be remembered.
func (in *Inbox) first(ctx context.Context) (cairn.Revision, error) {
	info, err := in.store.StreamInfo(ctx, stream(in.name))
	if err != nil || info.Last < 0 {
		return 0, err
	}
	low, high := max(info.First, 0), info.Last
	if n := cairn.Revision(in.o.KeepCount); n > 0 {
		low = max(low, high-n+1)
	}
	newest, ok, err := in.at(ctx, high)
	if err != nil || !ok {
		return low, err
	}
	return in.search(ctx, low, high, newest.Time.Add(-in.o.Keep))
}

// search finds the first mark that is not older than a time, in [low, high].
// The times of a stream rise: all are read from the store's clock.
func (in *Inbox) search(ctx context.Context, low, high cairn.Revision, since time.Time) (cairn.Revision, error) {
	for low < high {
		middle := low + (high-low)/2
		e, ok, err := in.at(ctx, middle)
		if err != nil {
			return 0, err
		}
		if ok && e.Time.Before(since) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}

// at is the first mark from a revision on.
func (in *Inbox) at(ctx context.Context, from cairn.Revision) (cairn.Recorded, bool, error) {
	for e, err := range in.store.ReadStream(ctx, stream(in.name), cairn.ReadOptions{From: from, Limit: 1}) {
		return e, err == nil, err
	}
	return cairn.Recorded{}, false, nil
}

// truncate lets the store reclaim what was forgotten. If somebody else is just
// doing so, that will do.
func (in *Inbox) truncate(ctx context.Context, before cairn.Revision) error {
	info, err := in.store.StreamInfo(ctx, stream(in.name))
	if err != nil || before <= max(info.First, 0) {
		return err
	}
	_, err = cairn.Truncate(ctx, in.store, stream(in.name), before)
	if errors.Is(err, cairn.ErrConflict) {
		return nil
	}
	return err
}
