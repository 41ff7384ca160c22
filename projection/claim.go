package projection

import (
	"context"
	"errors"
	"slices"
	"time"
)

// A laneEntry is the checkpoint of a lane as it stands in the ledger.
type laneEntry struct {
	Key, Value string
	Checkpoint
}

// loadCheckpoints reads the checkpoints of a build, ordered by lane. A build that
// was dropped has none.
func loadCheckpoints(ctx context.Context, l Ledger, at place, build int) ([]laneEntry, error) {
	entries, err := l.Entries(ctx, at.lanes(build))
	if err != nil {
		return nil, err
	}
	all := make([]laneEntry, len(entries))
	for i, e := range entries {
		all[i] = laneEntry{Key: e.Key, Value: e.Value}
		if err := decode(e, &all[i].Checkpoint); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// takeAll takes all lanes of the build, whoever has them: of two runners the newer
// one works.
func (w *work[Tx]) takeAll(ctx context.Context) error {
	for {
		found, err := loadCheckpoints(ctx, w.target, w.place, w.build.Build)
		if err != nil {
			return err
		}
		if len(found) != len(w.lanes) {
			return ErrDiscarded
		}
		if err := w.take(ctx, found, w.lanes); !errors.Is(err, ErrMoved) {
			return err
		}
	}
}

// take takes lanes from whoever has them, if they stand as they were found. If the
// outcome is not known they can be found and taken again.
func (w *work[Tx]) take(ctx context.Context, found []laneEntry, lanes []*lane[Tx]) error {
	var c Change
	next := slices.Clone(found)
	for i := range next {
		e := &next[i]
		c.Expect = append(c.Expect, Entry{e.Key, e.Value})
		e.Epoch, e.Owner, e.Updated = e.Epoch+1, w.o.Owner, time.Now().UTC()
		e.Value = encode(e.Checkpoint)
		c.Put = append(c.Put, Entry{e.Key, e.Value})
	}
	if err := w.target.Apply(ctx, c); err != nil {
		return err
	}
	keys, err := w.parkedKeys(ctx) // now that nobody else parks any
	if err != nil {
		return err
	}
	for i, l := range lanes {
		l.value, l.at, l.keys, l.level, l.wrote = next[i].Value, next[i].Checkpoint, keys[l.n], false, next[i].Updated
		l.show()
		w.o.Logger.Info("a lane was taken", "projection", w.p.Name, "build", w.build.Build, "lane", l.n, "position", l.at.Position, "from", found[i].Owner)
	}
	return nil
}

// releaseWithin is how long the end of a runner may take to let go of its lanes.
const releaseWithin = 2 * time.Second

// release lets go of the lanes, so that a runner that stands by need not wait. What
// was reached without events of the lane is written down with it.
func (w *work[Tx]) release(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseWithin)
	defer cancel()
	for _, l := range w.lanes {
		if l.at.Owner != w.o.Owner {
			continue
		}
		next := l.at
		next.Position, next.Owner, next.Updated = max(next.Position, l.reached), "", time.Now().UTC()
		c := Change{Expect: []Entry{{l.key, l.value}}, Put: []Entry{{l.key, encode(next)}}}
		if err := w.target.Apply(ctx, c); err != nil && !errors.Is(err, ErrMoved) {
			return // it is found out later
		}
	}
}

// stands reads the entry of the lane. A lane of a dropped build has none.
func (l *lane[Tx]) stands(ctx context.Context) (found laneEntry, err error) {
	err = l.persist(ctx, func(ctx context.Context) error {
		entries, err := l.target.Entries(ctx, l.key)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(entries, func(e Entry) bool { return e.Key == l.key })
		if i < 0 {
			return ErrDiscarded
		}
		found = laneEntry{Key: l.key, Value: entries[i].Value}
		return decode(entries[i], &found.Checkpoint)
	})
	return found, err
}
