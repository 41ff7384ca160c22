package kurrent

import (
	"context"
	"iter"
	"math"

	"github.com/cairndb/cairn"
)

// read reads the links, as [cairn.StreamReader] reads events.
func (v virtual) read(ctx context.Context, store cairn.Store, o cairn.ReadOptions) iter.Seq2[entry, error] {
	return func(yield func(entry, error) bool) {
		if err := o.Validate(); err != nil {
			yield(entry{}, err)
			return
		}
		if v.empty {
			v.readNothing(ctx, o, yield)
			return
		}
		r := virtualRead{virtual: v, ReadOptions: o, ctx: ctx, store: store, yield: yield}
		if o.Before == 0 {
			r.Before = math.MaxInt64
		}
		if err := r.run(); err != nil {
			yield(entry{}, err)
		}
	}
}

// readNothing ends at once, or follows until the context ends.
func (v virtual) readNothing(ctx context.Context, o cairn.ReadOptions, yield func(entry, error) bool) {
	if !o.Follow {
		return
	}
	if o.CaughtUp != nil {
		o.CaughtUp(cairn.NoStream)
	}
	<-ctx.Done()
	yield(entry{}, context.Cause(ctx))
}

// A virtualRead is one pass over a stream that is answered from the index.
type virtualRead struct {
	virtual
	cairn.ReadOptions
	ctx   context.Context
	store cairn.Store
	yield func(entry, error) bool
	rank  cairn.Revision // of the next event that matches
	given int
}

// run finds where to begin, by rank, and reads from there. The log is looked at
// as it stands at the beginning, unless the read follows.
func (r *virtualRead) run() error {
	info, err := r.store.Info(r.ctx)
	if err != nil {
		return err
	}
	o := cairn.AllOptions{Before: info.Head + 1, Query: r.query}
	if r.Backward {
		return r.backward(o)
	}
	if o.After, r.rank, err = r.behind(r.From, info.Head); err != nil {
		return err
	}
	if r.Follow {
		o.Before, o.Follow = 0, true
		o.CaughtUp = r.caughtUp
	}
	return r.all(o, 1)
}

// behind is the position of the event before the one of rank n, and n; if there
// are not so many, the head and how many there are.
func (r *virtualRead) behind(n cairn.Revision, head cairn.Position) (cairn.Position, cairn.Revision, error) {
	if n == 0 {
		return 0, 0, nil
	}
	p, err := cairn.Nth(r.ctx, r.store, r.query, int64(n-1))
	if err != nil || p > 0 && p <= head {
		return p, n, err
	}
	count, err := cairn.Count(r.ctx, r.store, r.query, head)
	return head, cairn.Revision(count), err
}

func (r *virtualRead) backward(o cairn.AllOptions) error {
	count, err := cairn.Count(r.ctx, r.store, r.query, o.Before-1)
	if err != nil {
		return err
	}
	r.rank = cairn.Revision(count) - 1
	if r.Before <= r.rank {
		if o.Before, err = cairn.Nth(r.ctx, r.store, r.query, int64(r.Before)); err != nil {
			return err
		}
		r.rank = r.Before - 1
	}
	if r.rank < r.From {
		return nil
	}
	o.Backward = true
	return r.all(o, -1)
}

// all yields the links to the events that belong, whose ranks go by step.
func (r *virtualRead) all(o cairn.AllOptions, step cairn.Revision) error {
	for e, err := range r.store.ReadAll(r.ctx, o) {
		if err != nil {
			return err
		}
		rank := r.rank
		r.rank += step
		if step > 0 && rank >= r.Before || step < 0 && rank < r.From {
			return nil
		}
		if rank < r.From || !r.belongs(&e) {
			continue
		}
		if !r.yield(r.link(&e, rank), nil) {
			return nil
		}
		if r.given++; r.given == r.Limit {
			return nil
		}
	}
	return nil
}

func (r *virtualRead) caughtUp(cairn.Position) {
	if r.CaughtUp != nil {
		r.CaughtUp(r.rank - 1)
	}
}

// info describes the stream. It is missing until an event belongs to it.
func (v virtual) info(ctx context.Context, store cairn.Store) (cairn.StreamInfo, error) {
	info := cairn.StreamInfo{Stream: v.name, Last: cairn.NoStream, MetadataRevision: cairn.NoStream}
	for f, err := range v.read(ctx, store, cairn.ReadOptions{Backward: true, Limit: 1}) {
		if err != nil {
			return info, err
		}
		info.State, info.Last = cairn.StreamLive, f.Revision
	}
	return info, nil
}
