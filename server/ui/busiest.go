package ui

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

const (
	// lately is over what time names are busy.
	lately = time.Minute
	// considered is how many of the largest names may be among the busiest.
	considered = 50
)

// A busy name is one of a category or type, and how many of its events come.
type busy struct {
	Name   string
	Events uint64
	Rate   string // empty if none has come lately, or nobody counts
	rate   float64
}

// A stretch is what was written lately: behind a position, over a time.
type stretch struct {
	after cairn.Position
	over  time.Duration
}

// lastMinute is what was written in the last minute, or since there are samples.
func (u *ui) lastMinute() stretch {
	now := time.Now()
	p, at := u.vitals.HeadAt(now.Add(-lately))
	if at.IsZero() {
		return stretch{}
	}
	return stretch{p, now.Sub(at)}
}

// busiest are the names with the most events of those given, with how many come
// in a second: those of which the most come first, then the largest. It asks the
// store for as many numbers as are considered, if it can tell without reading.
func (u *ui) busiest(ctx context.Context, largest []Count, of func(name string) cairn.Query, s stretch, head cairn.Position) ([]busy, error) {
	ranker, ok := u.store.(cairn.Ranker)
	names := make([]busy, 0, len(largest))
	for _, c := range largest {
		b := busy{Name: c.Name, Events: c.Events}
		if ok && s.over > 0 && head > s.after {
			before, err := ranker.Count(ctx, of(c.Name), s.after)
			if err != nil {
				return nil, err
			}
			b.count(before, s.over)
		}
		names = append(names, b)
	}
	slices.SortStableFunc(names, func(a, b busy) int { return cmp.Compare(b.rate, a.rate) })
	return names[:min(len(names), foremost)], nil
}

// count says how many events there are more than before.
func (b *busy) count(before int64, over time.Duration) {
	if n := int64(b.Events) - before; n > 0 {
		b.rate = float64(n) / over.Seconds()
		b.Rate = perTime(b.rate)
	}
}

// perTime writes a rate by the second, or by the minute if that is more than none.
func perTime(perSecond float64) string {
	if perSecond < .1 {
		return few(perSecond*60) + "/min"
	}
	return amount("rate", perSecond)
}

func ofCategory(name string) cairn.Query { return cairn.Query{{Categories: []string{name}}} }
func ofType(name string) cairn.Query     { return cairn.Query{{Types: []string{name}}} }
