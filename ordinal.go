package cairn

import "context"

// A Ranker knows how many events match a query and where the n-th of them is.
// Stores that can tell without reading all of them offer it; [Count] and [Nth]
// work with any.
//
// Both see all that is stored, as [LogReader] does, and are as good as a read
// that begins now: events never change their place, so an answer stays right
// but for Nth's that there are not so many yet, and Count's of a position that
// is still to come.
type Ranker interface {
	// Count is how many events up to and including position p match the query.
	Count(ctx context.Context, q Query, p Position) (int64, error)

	// Nth is the position of the n-th event that matches the query, counting
	// from zero; the zero Position if there are not so many. A negative n is
	// an [*InvalidError].
	Nth(ctx context.Context, q Query, n int64) (Position, error)
}

// Count is how many events up to and including position p match the query: by
// the store's own [Ranker] if it has one, else by reading them.
func Count(ctx context.Context, store LogReader, q Query, p Position) (n int64, err error) {
	if r, ok := store.(Ranker); ok {
		return r.Count(ctx, q, p)
	}
	if p == 0 {
		return 0, q.Validate()
	}
	o := AllOptions{Before: p + 1, Query: q} // no bound behind the last position there can be
	if q == nil {
		o.Backward, o.Limit = true, 1 // positions have no gaps
	}
	for e, err := range store.ReadAll(ctx, o) {
		if err != nil {
			return 0, err
		}
		if n++; q == nil {
			n = int64(e.Position)
		}
	}
	return n, nil
}

// Nth is the position of the n-th event that matches the query, counting from
// zero; the zero Position if there are not so many. It is told by the store's
// own [Ranker] if it has one, else by reading up to there.
func Nth(ctx context.Context, store LogReader, q Query, n int64) (Position, error) {
	if r, ok := store.(Ranker); ok {
		return r.Nth(ctx, q, n)
	}
	if n < 0 {
		return 0, invalid("ordinal", "%d is below 0", n)
	}
	o := AllOptions{Query: q}
	if q == nil {
		o.After, n = Position(n), 0
	}
	for e, err := range store.ReadAll(ctx, o) {
		if err != nil {
			return 0, err
		}
		if n == 0 {
			return e.Position, nil
		}
		n--
	}
	return 0, nil
}
