package ui

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// rateWindow is over how long rates are taken.
const rateWindow = time.Minute

// A meter says how many events of the window there are of something.
type meter struct {
	store    cairn.Ranker
	from, to cairn.Position
	over     time.Duration
	read     *tallies // of the window, if that was few enough to read
}

// lookAtRates takes the rates of categories and types, and adds up what actors
// select. A store that cannot count has no rates: they are not worth reading it.
func (u *ui) lookAtRates(ctx context.Context, s *system, _ *known) error {
	ranker, ok := u.store.(cairn.Ranker)
	if s.Rated = ok; !ok {
		return nil
	}
	m := &meter{store: ranker, to: s.Head}
	var err error
	if m.from, m.over, err = u.window(ctx, s.Head, time.Now()); err != nil {
		return err
	}
	if m.to-m.from <= readRather {
		if m.read, err = u.tallies(ctx, m.from, m.to); err != nil {
			return err
		}
	}
	for _, c := range s.Categories {
		if err := m.count(ctx, &c.tally, ofCategory(c.Name), func(t *tallies) int64 { return t.categories[c.Name] }); err != nil {
			return err
		}
	}
	for _, t := range s.Types {
		if err := m.count(ctx, &t.tally, ofType(t.Name), func(all *tallies) int64 { return all.types[t.Name] }); err != nil {
			return err
		}
	}
	for _, a := range s.Actors {
		if a.Reads {
			a.Rate = s.selected(a.Query, m.rate(int64(m.to-m.from)))
		}
	}
	return nil
}

// count completes a tally. To count in the index costs the first time as much as
// there is of it, so what the engine has counted and what was read come first.
func (m *meter) count(ctx context.Context, t *tally, q cairn.Query, read func(*tallies) int64) (err error) {
	if t.Events == 0 || m.read == nil {
		if t.Events, err = m.store.Count(ctx, q, m.to); err != nil {
			return err
		}
	}
	if m.read != nil {
		t.Rate = m.rate(read(m.read))
		return nil
	}
	then, err := m.store.Count(ctx, q, m.from)
	t.Rate = m.rate(t.Events - then)
	return err
}

func (m *meter) rate(n int64) float64 { return float64(n) / m.over.Seconds() }

// readRather is how many events of the window are read rather than counted by each
// of their names: some ten milliseconds.
const readRather = 3_000

// tallies are how many events there are of categories and types.
type tallies struct{ categories, types map[string]int64 }

// tallies reads a part of the log.
func (u *ui) tallies(ctx context.Context, after, to cairn.Position) (*tallies, error) {
	t := &tallies{map[string]int64{}, map[string]int64{}}
	for e, err := range u.store.ReadAll(ctx, cairn.AllOptions{After: after, Before: to + 1}) {
		if err != nil {
			return nil, err
		}
		t.categories[cairn.Category(e.Stream)]++
		t.types[e.Type]++
	}
	return t, nil
}

// window is the position behind which the last minute begins, and how long it is:
// a log that is younger has had less of it.
func (u *ui) window(ctx context.Context, head cairn.Position, now time.Time) (from cairn.Position, over time.Duration, err error) {
	low, high, begin := cairn.Position(0), head, now.Add(-rateWindow)
	first := now
	for back := cairn.Position(1); low < high; back = min(2*back, head) {
		// From the end in growing steps, until that is too far back, and then half way.
		middle := low + (high-low+1)/2
		if low == 0 && back < head {
			middle = max(middle, head-back+1)
		}
		at := cairn.Position(0)
		for e, err := range u.store.ReadAll(ctx, cairn.AllOptions{After: middle - 1, Limit: 1}) {
			if err != nil {
				return 0, 0, err
			}
			if at = e.Position; !e.Time.Before(begin) {
				first, at = e.Time, 0
			}
		}
		if at == 0 {
			high = middle - 1
		} else {
			low = max(middle, at)
		}
	}
	if low > 0 {
		return low, rateWindow, nil
	}
	return 0, min(max(now.Sub(first), 5*time.Second), rateWindow), nil
}

// arrange gives categories their types, the most frequent first.
func (s *system) arrange() {
	of := map[string]*category{}
	for _, c := range s.Categories {
		of[c.Name] = c
	}
	for _, t := range s.Types {
		if c := of[t.Category]; c != nil {
			c.Types = append(c.Types, t)
		}
	}
	for _, c := range s.Categories {
		slices.SortFunc(c.Types, func(a, b *eventType) int {
			return cmp.Or(cmp.Compare(b.Events, a.Events), cmp.Compare(a.Name, b.Name))
		})
	}
}

// selected is at which rate a query selects events, as far as types and categories
// say; tags may select fewer.
func (s *system) selected(q cairn.Query, all float64) float64 {
	if q == nil {
		return all
	}
	sum := 0.0
	for _, share := range s.shares(q) {
		sum += share
	}
	return min(sum, all)
}

// shares are the rates at which a query selects from categories. One that its words
// do not tell comes under no name.
func (s *system) shares(q cairn.Query) map[string]float64 {
	shares, counted := map[string]float64{}, map[string]bool{}
	for i := range q {
		f := &q[i]
		categories := categoriesOf(f)
		switch {
		case len(f.Types) > 0:
			for _, t := range s.Types {
				if t.Category != "" && slices.Contains(f.Types, t.Name) && (len(categories) == 0 || slices.Contains(categories, t.Category)) && !counted[t.Name] {
					counted[t.Name] = true
					shares[t.Category] += t.Rate
				}
			}
		case len(categories) > 0:
			for _, c := range s.Categories {
				if slices.Contains(categories, c.Name) {
					shares[c.Name] = c.Rate
				}
			}
		default:
			shares[""] += 0
		}
	}
	return shares
}

// pace writes a rate in a second, or in a minute where that is too few.
func pace(rate float64) string {
	switch {
	case rate >= 9.95:
		return grouped(int64(rate+0.5)) + "/s"
	case rate >= 0.995:
		return fmt.Sprintf("%.1f/s", rate)
	case rate > 0:
		return fmt.Sprintf("%d/min", max(1, int(rate*60+0.5)))
	}
	return ""
}
