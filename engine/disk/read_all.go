package disk

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
)

// ReadAll implements [cairn.LogReader].
func (s *Store) ReadAll(ctx context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		r := allReader{store: s, ctx: ctx, AllOptions: o, yield: yield, told: o.After}
		if err := r.run(); err != nil && err != errEnough {
			yield(cairn.Recorded{}, err)
		}
	}
}

// errEnough ends a read that needs to go no further.
var errEnough = errors.New("enough")

// An allReader is one pass over the log.
type allReader struct {
	cairn.AllOptions
	store *Store
	ctx   context.Context
	yield func(cairn.Recorded, error) bool
	names interner
	scan  scan
	ahead cairn.Position // behind which the scan goes on
	given int            // events yielded
	told  cairn.Position // the last position the caller knows to be dealt with
}

func (r *allReader) run() error {
	if err := r.Validate(); err != nil {
		return err
	}
	if err := r.store.interrupted(r.ctx); err != nil {
		return err
	}
	r.scan.store = r.store
	var w *watcher
	if r.Follow {
		var err error
		if w, err = r.store.watch(&r.AllOptions); err != nil {
			return err
		}
		defer r.store.watchers.remove(w)
	}
	sp := span{after: r.After, through: r.bound(r.store.head.get()), backward: r.Backward}
	for {
		if err := r.read(sp); err != nil {
			return err
		}
		if !r.Follow || r.Before > 0 && sp.through >= r.Before-1 {
			return nil
		}
		r.caughtUp(sp.through)
		if err := r.await(w, &sp); err != nil {
			return err
		}
	}
}

// caughtUp tells the caller that all up to p was dealt with. A follower is
// woken when the log comes to a multiple of ProgressEvery, so that by telling
// of progress then, at the latest, it is never silent for longer than that.
func (r *allReader) caughtUp(p cairn.Position) {
	switch {
	case r.CaughtUp != nil:
		r.told = p
		r.CaughtUp(p)
	case r.Progress != nil && r.told/cairn.ProgressEvery < p/cairn.ProgressEvery:
		r.told = p
		r.Progress(p)
	}
}

// await waits for something to read behind the span, and moves that there.
func (r *allReader) await(w *watcher, sp *span) error {
	r.scan.rest()
	sp.after = max(sp.after, sp.through)
	first, head, err := r.store.await(r.ctx, w, sp.after)
	if err != nil {
		return err
	}
	sp.through = r.bound(head)
	sp.after = max(sp.after, min(first-1, sp.through))
	return nil
}

// bound is the last position to read when the head is at p.
func (r *allReader) bound(p cairn.Position) cairn.Position {
	if r.Before > 0 {
		p = min(p, r.Before-1)
	}
	return p
}

// read yields what matches in a span.
func (r *allReader) read(sp span) error {
	var err error
	switch {
	case sp.after >= sp.through: // nothing to look at
	case !everything(r.Query) && !r.isNews(sp):
		err = r.found(sp)
	case sp.backward:
		err = r.backward(sp)
	default:
		err = r.forward(sp)
	}
	if err == nil && !sp.backward {
		r.passed(sp.through)
	}
	return err
}

// news is how many events behind the head are looked at rather than looked up;
// more of them if they are dear to look up, as those of a prefix are, because
// the names that begin so have to be found first.
const (
	news       = 64
	prefixNews = 1024
)

// isNews reports whether the span is short and in memory.
func (r *allReader) isNews(sp span) bool {
	limit := cairn.Position(news)
	if slices.ContainsFunc(r.Query, func(f cairn.Filter) bool { return f.Prefixes != nil }) {
		limit = prefixNews
	}
	return !sp.backward && sp.through-sp.after <= limit && r.store.tail.holding(sp.after+1) != nil
}

// found yields what the index finds.
func (r *allReader) found(sp span) error {
	if err := r.store.indexer.processed.wait(r.ctx, sp.through); err != nil {
		return err
	}
	find := finder{store: r.store, query: r.Query, span: sp}
	fetch := fetcher{store: r.store}
	for !find.done {
		places, err := find.next()
		if err != nil {
			return err
		}
		for batch := range slices.Chunk(places, fetchBatch) {
			events, broken := fetch.fetch(batch)
			for i := range events {
				if err := r.consider(&events[i]); err != nil {
					return err
				}
			}
			if broken != nil {
				return broken
			}
		}
	}
	return nil
}

// forward yields what a scan of the whole span comes across.
func (r *allReader) forward(sp span) error {
	var f frame.Span
	var e frame.Event
	if r.ahead != sp.after {
		r.scan.at = 0
	}
	for p := sp.after + 1; p <= sp.through; {
		trusted, err := r.scan.frame(p, &f)
		if err != nil {
			return err
		}
		events := f.Events
		for at := f.First; at <= f.Last() && at <= sp.through; at++ {
			if events, err = r.scan.decode(events, at, trusted, &e); err != nil {
				return err
			}
			if at < p {
				continue
			}
			if err := r.consider(&e); err != nil {
				return err
			}
		}
		r.ahead = f.Last()
		p = r.ahead + 1
	}
	return nil
}

// backward scans the span in stretches, each of them forward.
func (r *allReader) backward(sp span) error {
	for sp.through > sp.after {
		stretch, first, err := r.stretch(sp.through)
		if err != nil {
			return err
		}
		for _, e := range slices.Backward(stretch) {
			if e.Position <= sp.after {
				return nil
			}
			if err := r.consider(&e); err != nil {
				return err
			}
		}
		sp.through = first - 1
	}
	return nil
}

// stretch decodes the events from a mark on up to p, and says where it begins.
func (r *allReader) stretch(p cairn.Position) (stretch []frame.Event, first cairn.Position, err error) {
	mark, err := r.store.locate(p)
	if err != nil {
		return nil, 0, err
	}
	c := scan{store: r.store, at: mark.Address, ahead: markEvery}
	for next := mark.Position; next <= p; {
		var f frame.Span
		trusted, err := c.frame(next, &f)
		if err != nil {
			return nil, 0, err
		}
		events := f.Events
		for at := f.First; at <= f.Last() && at <= p; at++ {
			var e frame.Event
			if events, err = c.decode(events, at, trusted, &e); err != nil {
				return nil, 0, err
			}
			stretch = append(stretch, e)
		}
		next = f.Last() + 1
	}
	return stretch, mark.Position, nil
}

// consider yields an event if it is wanted.
func (r *allReader) consider(e *frame.Event) error {
	if err := r.store.interrupted(r.ctx); err != nil {
		return err
	}
	var rec cairn.Recorded
	r.names.record(e, &rec)
	if r.Query != nil && !r.Query.Match(&rec) || r.NoSystem && system(&rec) {
		if !r.Backward {
			r.passed(e.Position)
		}
		return nil
	}
	if !r.Backward {
		r.passed(e.Position - 1)
		r.told = e.Position
	}
	r.given++
	if !r.yield(rec, nil) || r.given == r.Limit {
		return errEnough
	}
	return nil
}

// passed reports progress if p is far from what the caller was told last.
func (r *allReader) passed(p cairn.Position) {
	for r.told+cairn.ProgressEvery <= p {
		r.told += cairn.ProgressEvery
		if r.Progress != nil {
			r.Progress(r.told)
		}
	}
}
