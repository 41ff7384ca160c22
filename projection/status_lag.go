package projection

import (
	"context"
	"time"

	"github.com/cairndb/cairn"
)

// near is how many events are counted one by one.
const near = 1_000

// lag is how many selected events come after a position, up to the head. When they
// are many it is a bound. It returns too when the first of them was appended.
func lag(ctx context.Context, log cairn.LogReader, selected cairn.AllOptions, at, head cairn.Position) (n int64, oldest time.Time, err error) {
	if at >= head {
		return 0, time.Time{}, nil
	}
	n, oldest, err = countedTo(ctx, log, selected, at, head)
	if err != nil || n < near {
		return n, oldest, err
	}
	r := &reach{log: log, from: at, to: head}
	return max(n, r.most(ctx, selected.Query)), oldest, r.err
}

func countedTo(ctx context.Context, log cairn.LogReader, o cairn.AllOptions, after, to cairn.Position) (n int64, first time.Time, err error) {
	o.After, o.Before, o.Limit = after, to+1, near
	for e, err := range log.ReadAll(ctx, o) {
		if err != nil {
			return 0, time.Time{}, err
		}
		if n++; n == 1 {
			first = e.Time
		}
	}
	return n, first, nil
}

// A reach is a stretch of the log. What an index counts at once is asked for: the
// events of one type or category. An event that a filter selects is among those of
// its types and among those of its categories, so the fewer of them are a bound.
type reach struct {
	log      cairn.LogReader
	from, to cairn.Position
	err      error
}

func (r *reach) most(ctx context.Context, q cairn.Query) (n int64) {
	all := int64(r.to - r.from)
	for i := range q {
		least := all
		if types := q[i].Types; len(types) > 0 {
			least = min(least, r.sum(ctx, types, func(s []string) cairn.Filter { return cairn.Filter{Types: s} }))
		}
		if categories := q[i].Categories; len(categories) > 0 {
			least = min(least, r.sum(ctx, categories, func(s []string) cairn.Filter { return cairn.Filter{Categories: s} }))
		}
		n += least
	}
	if q == nil {
		return all
	}
	return min(n, all)
}

// sum counts the events of each name.
func (r *reach) sum(ctx context.Context, names []string, filter func([]string) cairn.Filter) (n int64) {
	for _, name := range names {
		n += r.count(ctx, filter([]string{name}))
	}
	return n
}

// count is how many events within the stretch meet a criterion. The first error
// sticks. A store that would have to read them all is not asked.
func (r *reach) count(ctx context.Context, f cairn.Filter) int64 {
	ranker, ok := r.log.(cairn.Ranker)
	if !ok {
		return int64(r.to - r.from)
	}
	var n [2]int64
	for i, p := range []cairn.Position{r.from, r.to} {
		if r.err == nil {
			n[i], r.err = ranker.Count(ctx, cairn.Query{f}, p)
		}
	}
	return n[1] - n[0]
}
