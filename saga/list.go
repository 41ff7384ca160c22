package saga

import (
	"context"
	"iter"
	"time"
)

// List yields the instances of a saga that have not ended, by when they started, and
// then those that could not start. It costs as much as there are, and as have
// started and ended since the last census, of which there are at most as many again.
func List(ctx context.Context, store Store, saga string) iter.Seq2[Instance, error] {
	return func(yield func(Instance, error) bool) {
		r, err := Open(ctx, store, saga)
		if err != nil {
			yield(Instance{}, err)
			return
		}
		for _, id := range r.IDs {
			in, err := r.Instance(ctx, store, id)
			if err == nil && in.Status == Ended {
				continue // meanwhile
			}
			if !yield(in, err) || err != nil {
				return
			}
		}
	}
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
