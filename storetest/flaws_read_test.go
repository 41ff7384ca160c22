package storetest

import (
	"context"
	"errors"
	"iter"

	"github.com/cairndb/cairn"
)

// filtered leaves out pairs of an iterator.
func filtered(read pairs, keep func(cairn.Recorded, error) bool) pairs {
	return func(yield func(cairn.Recorded, error) bool) {
		for e, err := range read {
			if keep(e, err) && !yield(e, err) {
				return
			}
		}
	}
}

// skippedPosition loses events on their way to followers.
type skippedPosition struct{ flawed }

func (s skippedPosition) ReadAll(ctx context.Context, o cairn.AllOptions) pairs {
	return filtered(s.Store.ReadAll(ctx, o), func(e cairn.Recorded, err error) bool {
		return err != nil || !o.Follow || e.Position%7 != 2
	})
}

// noSnapshot reads the log as it is at each event.
type noSnapshot struct{ flawed }

func (s noSnapshot) ReadAll(ctx context.Context, o cairn.AllOptions) pairs {
	if o.Follow || o.Backward || o.Limit > 0 {
		return s.Store.ReadAll(ctx, o)
	}
	return func(yield func(cairn.Recorded, error) bool) {
		for more := true; more; {
			more = false
			o.Limit = 1
			for e, err := range s.Store.ReadAll(ctx, o) {
				if !yield(e, err) {
					return
				}
				more, o.After = err == nil, e.Position
			}
		}
	}
}

// deafFilter does not find every event that carries a tag.
type deafFilter struct{ flawed }

func (s deafFilter) ReadAll(ctx context.Context, o cairn.AllOptions) pairs {
	return filtered(s.Store.ReadAll(ctx, o), func(e cairn.Recorded, err error) bool {
		return err != nil || o.Query == nil || len(o.Query[0].Tags) == 0 || e.Position%5 != 0
	})
}

// hastyCaughtUp claims to have caught up before it has.
type hastyCaughtUp struct{ flawed }

func (s hastyCaughtUp) ReadAll(ctx context.Context, o cairn.AllOptions) pairs {
	if tell := o.CaughtUp; tell != nil {
		o.CaughtUp = func(p cairn.Position) { tell(p + 1) }
	}
	return s.Store.ReadAll(ctx, o)
}

// silentFollower does not tell of positions at which nothing matched.
type silentFollower struct{ flawed }

func (s silentFollower) ReadAll(ctx context.Context, o cairn.AllOptions) pairs {
	yielded, first := false, true
	if tell := o.CaughtUp; tell != nil {
		o.CaughtUp = func(p cairn.Position) {
			if yielded || first {
				tell(p)
			}
			yielded, first = false, false
		}
	}
	return filtered(s.Store.ReadAll(ctx, o), func(cairn.Recorded, error) bool {
		yielded = true
		return true
	})
}

// noProgress passes over any number of events without a word.
type noProgress struct{ flawed }

func (s noProgress) ReadAll(ctx context.Context, o cairn.AllOptions) pairs {
	o.Progress = nil
	return s.Store.ReadAll(ctx, o)
}

// sharedBytes hands out what it keeps.
type sharedBytes struct {
	flawed
	kept []cairn.Recorded
}

func (s *sharedBytes) ReadStream(ctx context.Context, stream string, o cairn.ReadOptions) pairs {
	if s.kept == nil {
		s.kept, _ = cairn.Collect(s.Store.ReadStream(ctx, stream, o))
	}
	return func(yield func(cairn.Recorded, error) bool) {
		for _, e := range s.kept {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// lockHeld keeps a lock while the body of a read runs, which writes need.
type lockHeld struct {
	flawed
	lock chan struct{}
}

func (s lockHeld) ReadStream(ctx context.Context, stream string, o cairn.ReadOptions) pairs {
	return func(yield func(cairn.Recorded, error) bool) {
		s.lock <- struct{}{}
		defer func() { <-s.lock }()
		s.Store.ReadStream(ctx, stream, o)(yield)
	}
}

func (s lockHeld) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	select {
	case s.lock <- struct{}{}:
		defer func() { <-s.lock }()
		return s.Store.Commit(ctx, b)
	case <-ctx.Done():
		return cairn.BatchReceipt{}, context.Cause(ctx)
	}
}

func (s lockHeld) Append(ctx context.Context, stream string, expected cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	b, err := s.Commit(ctx, cairn.Batch{Writes: []cairn.Write{{Stream: stream, Expected: expected, Events: events}}})
	return cairn.Receipt{Position: b.Position, Duplicate: b.Duplicate}, err
}

// causeLost says that the context has ended, and not why.
type causeLost struct{ flawed }

func (s causeLost) ReadAll(ctx context.Context, o cairn.AllOptions) pairs {
	return withoutCause(ctx, s.Store.ReadAll(ctx, o))
}

func withoutCause(ctx context.Context, read pairs) pairs {
	return func(yield func(cairn.Recorded, error) bool) {
		for e, err := range read {
			if err != nil && ctx.Err() != nil {
				err = ctx.Err()
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// leakingReads leave a goroutine behind when the loop is left early.
type leakingReads struct{ flawed }

func (s leakingReads) ReadAll(ctx context.Context, o cairn.AllOptions) pairs {
	return func(yield func(cairn.Recorded, error) bool) {
		next, _ := iter.Pull2(s.Store.ReadAll(ctx, o))
		for {
			e, err, more := next()
			if !more {
				return
			}
			if !yield(e, err) {
				go func() { <-ctx.Done() }()
				return
			}
		}
	}
}

// quietClose ends reads as if there were nothing more.
type quietClose struct{ flawed }

func (s quietClose) ReadAll(ctx context.Context, o cairn.AllOptions) pairs {
	return filtered(s.Store.ReadAll(ctx, o), func(_ cairn.Recorded, err error) bool { return !errors.Is(err, cairn.ErrClosed) })
}

// nothingHidden ignores the metadata of streams.
type nothingHidden struct{ flawed }

func (s nothingHidden) ReadStream(ctx context.Context, stream string, o cairn.ReadOptions) pairs {
	return filtered(s.Store.ReadAll(ctx, cairn.AllOptions{
		Query: cairn.Query{{Streams: []string{stream}}}, Backward: o.Backward, Follow: o.Follow, Limit: o.Limit,
	}), func(e cairn.Recorded, err error) bool { return err != nil || inRange(&e, &o) })
}
