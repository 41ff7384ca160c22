package saga

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// typeCensus is the type of the events that list who is running.
const typeCensus = "saga.census"

// A census is the data of such an event: the instances that have started and not
// ended up to a position. Many are listed in several parts, in one batch.
type census struct {
	Store    cairn.ID       `json:"store"`
	Position cairn.Position `json:"position"`
	Part     int            `json:"part"` // counting from 0
	IDs      []string       `json:"ids"`  // by when they started

	changes int            // that were read after the last one was written
	first   cairn.Revision // of its parts
	last    cairn.Revision
}

// perPart is how many instances are listed in one event: their IDs fit, however
// long they are and whatever is in them.
const perPart = 1 << 13

// running finds out who is running: who was at the last census, and who has started
// and ended since.
func (n names) running(ctx context.Context, store Store) (c census, err error) {
	info, err := store.Info(ctx)
	if err != nil {
		return c, err
	}
	if c, err = n.last(ctx, store, info); err != nil {
		return c, err
	}
	here, ended := map[string]bool{}, map[string]bool{}
	for _, id := range c.IDs {
		here[id] = true
	}
	o := cairn.AllOptions{After: c.Position, Before: info.Head + 1, Query: cairn.ByTag(n.tag())}
	for e, err := range store.ReadAll(ctx, o) {
		if err != nil {
			return c, err
		}
		s, err := parseStep(&e)
		if err != nil || e.Stream != n.history(s.ID) {
			continue // not of this package; Run and Get name it
		}
		c.changes++
		if ended[s.ID] = s.Ended; !s.Ended && !here[s.ID] {
			c.IDs, here[s.ID] = append(c.IDs, s.ID), true
		}
	}
	c.IDs = slices.DeleteFunc(c.IDs, func(id string) bool { return ended[id] })
	c.Position = info.Head
	return c, nil
}

// last reads the last census. One of another store, from which this one was copied,
// does not count, and neither does one that cannot be read.
func (n names) last(ctx context.Context, store Store, info cairn.Info) (c census, err error) {
	none := census{Store: info.ID, first: cairn.NoStream, last: cairn.NoStream}
	c = none
	var parts [][]string
	for e, err := range store.ReadStream(ctx, n.census(), cairn.ReadOptions{Backward: true}) {
		if err != nil {
			return c, err
		}
		none.last = max(none.last, e.Revision)
		var part census
		if json.Unmarshal(e.Data, &part) != nil || part.Store != info.ID || part.Position > info.Head {
			break
		}
		parts = append(parts, part.IDs)
		if part.Part == 0 {
			slices.Reverse(parts)
			part.IDs, part.first, part.last = slices.Concat(parts...), e.Revision, none.last
			return part, nil
		}
	}
	return none, nil
}

// keepCensus writes down who is running when that has changed much.
func (n names) keepCensus(ctx context.Context, store Store, o *Options) error {
	tick := time.NewTicker(o.CensusEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
		c, err := n.running(ctx, store)
		if err == nil && c.changes >= max(o.CensusAfter, 2*len(c.IDs)) {
			err = n.write(ctx, store, c)
		}
		if err != nil && !dispensable(err) {
			return err
		}
	}
}

// dispensable reports whether there is just no census this time: somebody else was
// first, or so many are running that they do not fit into a batch.
func dispensable(err error) bool {
	return errors.Is(err, cairn.ErrConflict) || errors.Is(err, cairn.ErrUnknownOutcome) || errors.Is(err, cairn.ErrInvalid)
}

// write writes a census, unless somebody else has, and hides what came before it.
func (n names) write(ctx context.Context, store Store, c census) error {
	w := cairn.Write{Stream: n.census(), Expected: c.last}
	for part := 0; part == 0 || part*perPart < len(c.IDs); part++ {
		of := census{Store: c.Store, Position: c.Position, Part: part, IDs: c.IDs[part*perPart : min(len(c.IDs), (part+1)*perPart)]}
		data, err := encode(of)
		if err != nil {
			return err
		}
		w.Events = append(w.Events, cairn.Event{ID: cairn.NewID(), Type: typeCensus, Data: data})
	}
	if _, err := store.Commit(ctx, cairn.Batch{Writes: []cairn.Write{w}}); err != nil {
		return err
	}
	_, err := cairn.Truncate(ctx, store, n.census(), c.last+1)
	return err
}
