package disk

import (
	"context"
	"slices"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/index"
)

var _ cairn.Ranker = (*Store)(nil)

// Count implements [cairn.Ranker]. Of a query for one type, category or tag, or
// for first events alone or in one category, it reads no event, and looks only
// at what of the index it has not counted before. Of others it looks up all
// that match, and reads them if there is a prefix among the criteria.
func (s *Store) Count(ctx context.Context, q cairn.Query, p cairn.Position) (int64, error) {
	if err := s.ordinal(ctx, q); err != nil {
		return 0, err
	}
	p = min(p, s.head.get())
	if everything(q) {
		return int64(p), nil
	}
	if err := s.indexer.processed.wait(ctx, p); err != nil {
		return 0, err
	}
	if t, ok := exactTerm(q); ok {
		return s.rank(ctx, t, p)
	}
	if hasPrefixes(q) {
		return cairn.Count(ctx, reader{s}, q, p)
	}
	n, _, err := s.enumerate(ctx, q, p, -1)
	return n, err
}

// Nth implements [cairn.Ranker], at the cost of Count.
func (s *Store) Nth(ctx context.Context, q cairn.Query, n int64) (cairn.Position, error) {
	if n < 0 {
		return 0, &cairn.InvalidError{Field: "ordinal", Problem: "is below 0"}
	}
	if err := s.ordinal(ctx, q); err != nil {
		return 0, err
	}
	head := s.head.get()
	if everything(q) {
		if n >= int64(head) {
			return 0, nil
		}
		return cairn.Position(n) + 1, nil
	}
	if err := s.indexer.processed.wait(ctx, head); err != nil {
		return 0, err
	}
	if t, ok := exactTerm(q); ok {
		return s.nth(ctx, t, n, head)
	}
	if hasPrefixes(q) {
		return cairn.Nth(ctx, reader{s}, q, n)
	}
	_, p, err := s.enumerate(ctx, q, head, n)
	return p, err
}

// A reader is a store of which nothing is known but that it can be read.
type reader struct{ cairn.LogReader }

// ordinal says why an ordinal cannot be asked for, if so.
func (s *Store) ordinal(ctx context.Context, q cairn.Query) error {
	if err := q.Validate(); err != nil {
		return err
	}
	return s.interrupted(ctx)
}

// exactTerm is the term whose places are those of the events that the query
// selects, if there is one.
func exactTerm(q cairn.Query) (t index.Term, ok bool) {
	if len(q) != 1 || q[0].Streams != nil || q[0].Prefixes != nil {
		return t, false
	}
	f := &q[0]
	types, categories, tags := len(f.Types), len(f.Categories), len(f.Tags)
	switch {
	case f.First && categories == 1 && types+tags == 0:
		return index.Term{Kind: index.First, Name: index.FirstIn(f.Categories[0])}, true
	case f.First:
		return index.Term{Kind: index.First}, types+categories+tags == 0
	case types+categories+tags != 1:
		return t, false
	case types == 1:
		return index.Term{Kind: index.Type, Name: f.Types[0]}, true
	case categories == 1:
		return index.Term{Kind: index.Category, Name: f.Categories[0]}, true
	}
	return index.Term{Kind: index.Tag, Name: f.Tags[0]}, true
}

// hasPrefixes reports whether the query has a criterion of which the index
// knows only where events may meet it.
func hasPrefixes(q cairn.Query) bool {
	return slices.ContainsFunc(q, func(f cairn.Filter) bool { return f.Prefixes != nil })
}

// rank is how many places of a term lie at or before p, which is no more than
// what is processed.
func (s *Store) rank(ctx context.Context, t index.Term, p cairn.Position) (int64, error) {
	v, _ := s.indexer.recent.look(t, p)
	n, err := s.index.Rank(ctx, t, min(v.base, p))
	return n + int64(len(v.places)), err
}

// nth is the position of the n-th place of a term up to the head.
func (s *Store) nth(ctx context.Context, t index.Term, n int64, head cairn.Position) (cairn.Position, error) {
	v, _ := s.indexer.recent.look(t, head)
	base := min(v.base, head)
	place, ok, err := s.index.Select(ctx, t, n)
	if err != nil || ok && place.Position <= base {
		return place.Position, err
	}
	indexed, err := s.index.Rank(ctx, t, base)
	if i := n - indexed; err == nil && i < int64(len(v.places)) {
		return v.places[i].Position, nil
	}
	return 0, err
}

// enumerate counts the matches up to p, or up to the n-th, whose position it
// returns.
func (s *Store) enumerate(ctx context.Context, q cairn.Query, p cairn.Position, n int64) (count int64, at cairn.Position, err error) {
	find := finder{store: s, query: q, span: span{through: p}, done: p == 0}
	for !find.done {
		if err := s.interrupted(ctx); err != nil {
			return 0, 0, err
		}
		places, err := find.next()
		if err != nil {
			return 0, 0, err
		}
		if i := n - count; n >= 0 && i < int64(len(places)) {
			return n, places[i].Position, nil
		}
		count += int64(len(places))
	}
	return count, 0, nil
}
