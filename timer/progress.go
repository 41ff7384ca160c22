package timer

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/cairndb/cairn"
)

// typeProgress is the type of what runners write down about themselves.
const typeProgress = "timer.progress"

// staleAfter is when progress is written though nothing has happened, to spare the
// next runner looking at empty minutes.
const staleAfter = time.Hour

// A progress says how far a runner has come: all timers set up to the position and
// due before the time are done.
type progress struct {
	Store    cairn.ID       `json:"store"`
	Position cairn.Position `json:"position"`
	Due      time.Time      `json:"due"`
}

func (p progress) due() int64 { return p.Due.UnixNano() }

// resume reads the last progress. That of another store, from which this one was
// copied, does not count, and neither does one that cannot be read: it costs time to
// do without, and nothing else.
func (s source) resume(ctx context.Context) (p progress, err error) {
	info, err := s.store.Info(ctx)
	if err != nil {
		return p, err
	}
	for e, err := range s.store.ReadStream(ctx, s.category.progress(), cairn.ReadOptions{Backward: true, Limit: 1}) {
		if err != nil {
			return p, err
		}
		if json.Unmarshal(e.Data, &p) == nil && p.Store == info.ID && p.Position <= info.Head && validateDue(p.Due) == nil {
			return p, nil
		}
	}
	return progress{Store: info.ID}, nil
}

// checkpoint writes down how far the runner has come, if that is worth it. It can do
// without, so errors do not matter: a store that fails says so elsewhere.
func (r *runner) checkpoint(ctx context.Context, last bool) {
	now := r.o.Clock.Now()
	position, due := r.queue.done(now.UnixNano())
	p := progress{Store: r.written.Store, Position: position, Due: time.Unix(0, due).UTC()}
	busy := r.dirty || p.Position > r.written.Position+cairn.ProgressEvery
	soon := last || time.Since(r.writtenAt) >= r.o.CheckpointEvery
	if !(busy && soon) && p.Due.Sub(r.written.Due) < staleAfter || p.Due.Before(r.written.Due) && now.Sub(p.Due) >= staleAfter {
		return // the latter is what was due long before it was set, and fires soon
	}
	data, err := encode(p)
	if err != nil {
		return
	}
	_, err = r.store.Append(ctx, r.category.progress(), cairn.Any, cairn.Event{Type: typeProgress, Data: data})
	if err != nil {
		return
	}
	r.written, r.writtenAt, r.dirty = p, time.Now(), false
	r.forget(ctx)
}

// forget has the store keep only the last progress. Each runner sees to that once,
// as the first one may have been killed before it could.
func (r *runner) forget(ctx context.Context) {
	if r.forgets {
		return
	}
	_, err := cairn.SetMetadata(ctx, r.store, r.category.progress(), cairn.NoStream, cairn.StreamMetadata{MaxCount: 1})
	r.forgets = err == nil || errors.Is(err, cairn.ErrConflict)
	if !r.forgets {
		r.o.Logger.Warn("timer: old progress is kept", "stream", r.category.progress(), "err", err)
	}
}
