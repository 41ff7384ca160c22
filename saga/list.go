package saga

import (
	"context"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/cairndb/cairn/group"
)

// List yields the instances of a saga that have not ended, by when they started, and
// then those that could not start. It costs as much as there are, and as have
// started and ended since the last census, of which there are at most as many again.
func List(ctx context.Context, store Store, saga string) iter.Seq2[Instance, error] {
	return func(yield func(Instance, error) bool) {
		ids, parked, err := open(ctx, store, saga)
		if err != nil {
			yield(Instance{}, err)
			return
		}
		for _, id := range ids {
			in, err := get(ctx, store, saga, id, parked)
			if err == nil && in.Status == Ended {
				continue // meanwhile
			}
			if !yield(in, err) || err != nil {
				return
			}
		}
	}
}

// open lists the IDs of instances that have not ended or could not start.
func open(ctx context.Context, store Store, saga string) (ids []string, parked map[string]group.ParkedKey, err error) {
	if err := validateName("saga", saga); err != nil {
		return nil, nil, err
	}
	c, err := names(saga).running(ctx, store)
	if err != nil {
		return nil, nil, err
	}
	parked, err = parkedOf(ctx, store, saga)
	unstarted := maps.Clone(parked)
	for _, id := range c.IDs {
		delete(unstarted, id)
	}
	return append(c.IDs, slices.Sorted(maps.Keys(unstarted))...), parked, err
}

// Stuck yields those of [List] that somebody should look at: of which events are
// parked, or that have made no step for longer than a time.
func Stuck(ctx context.Context, store Store, saga string, olderThan time.Duration) iter.Seq2[Instance, error] {
	return func(yield func(Instance, error) bool) {
		for in, err := range List(ctx, store, saga) {
			if err == nil && in.ParkedEvents == 0 && time.Since(in.Since) <= olderThan {
				continue
			}
			if !yield(in, err) || err != nil {
				return
			}
		}
	}
}
