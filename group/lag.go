package group

import (
	"context"

	"github.com/cairndb/cairn"
)

// near is how many events are counted one by one, and distant how many positions
// are looked at to find events of a query that selects all.
const (
	near    = 1_000
	distant = 1_000
)

// behind is how many events come after a position, up to the head. When they are
// many it is a bound.
func behind(ctx context.Context, store Store, q cairn.Query, p cairn.Position) (int64, error) {
	info, err := store.Info(ctx)
	if err != nil || info.Head <= p {
		return 0, err
	}
	if q != nil || info.Head-p <= distant {
		n, err := counted(ctx, store, q, p)
		if err != nil || n < near {
			return n, err
		}
	}
	r := &reach{store: store, from: p, to: info.Head}
	n := r.most(ctx, q)
	return n, r.err
}

func counted(ctx context.Context, store cairn.LogReader, q cairn.Query, p cairn.Position) (n int64, err error) {
	for _, err := range store.ReadAll(ctx, cairn.AllOptions{After: p, Query: q, NoSystem: true, Limit: near}) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// A reach is a stretch of the log. What an index counts at once is asked for: one
// type, category or tag. An event that meets all criteria of a filter is among
// those that meet any one of them, so the least of these is a bound.
type reach struct {
	store    Store
	from, to cairn.Position
	err      error
}

func (r *reach) most(ctx context.Context, q cairn.Query) (n int64) {
	all := int64(r.to - r.from)
	if q == nil {
		for _, own := range []string{cairn.Category(prefix), cairn.Category(cairn.MetadataStream(prefix))} {
			all -= r.count(ctx, cairn.Filter{Categories: []string{own}})
		}
		return all
	}
	for i := range q {
		n += r.filter(ctx, &q[i], all)
	}
	return min(n, all)
}

func (r *reach) filter(ctx context.Context, f *cairn.Filter, least int64) int64 {
	for _, criterion := range [][]cairn.Filter{
		each(f.Types, func(s []string) cairn.Filter { return cairn.Filter{Types: s} }),
		each(f.Categories, func(s []string) cairn.Filter { return cairn.Filter{Categories: s} }),
	} {
		sum := int64(0)
		for _, one := range criterion {
			sum += r.count(ctx, one)
		}
		if len(criterion) > 0 {
			least = min(least, sum)
		}
	}
	for _, tag := range f.Tags {
		least = min(least, r.count(ctx, cairn.Filter{Tags: []string{tag}}))
	}
	return least
}

func each(names []string, filter func([]string) cairn.Filter) (all []cairn.Filter) {
	for _, name := range names {
		all = append(all, filter([]string{name}))
	}
	return all
}

// count is how many events within the stretch meet a criterion. The first error
// sticks.
func (r *reach) count(ctx context.Context, f cairn.Filter) int64 {
	var n [2]int64
	for i, p := range []cairn.Position{r.from, r.to} {
		if r.err == nil {
			n[i], r.err = cairn.Count(ctx, r.store, cairn.Query{f}, p)
		}
	}
	return n[1] - n[0]
}
