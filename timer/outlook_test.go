package timer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/timer"
	"github.com/cairndb/cairn/timer/timertest"
)

// A ranked store counts how often it is asked to count.
type ranked struct {
	cairn.Store
	counts int
}

func (r *ranked) Count(ctx context.Context, q cairn.Query, p cairn.Position) (int64, error) {
	r.counts++
	return cairn.Count(ctx, r.Store, q, p)
}

func (r *ranked) Nth(ctx context.Context, q cairn.Query, n int64) (cairn.Position, error) {
	return cairn.Nth(ctx, r.Store, q, n)
}

// hourly sets n timers, one every hour, of which many were not set last.
func hourly(t *testing.T, store cairn.Store, n int) {
	t.Helper()
	setMany(t, store, "", n, func(i int) time.Time { return noon.Add(time.Duration(i+1) * time.Hour) })
}

// However much is due later, as many minutes are looked at as a page needs, and no
// more than there are up to the end.
func TestNextLooksNoFurtherThanItMust(t *testing.T) {
	store := &ranked{Store: open(t)}
	hourly(t, store, 2500)
	for _, c := range []struct {
		before time.Time
		limit  int
		found  int
		counts int
	}{
		{time.Time{}, 3, 3, 4 * 60},
		{time.Time{}, 0, 0, 60},
		{time.Time{}, -1, 0, 60},
		{noon.Add(2*time.Hour + time.Second), 20, 2, 2 * 60},
		{time.Time{}, 500, 168, 7 * 24 * 60},
	} {
		store.counts = 0
		a, err := timer.Next(t.Context(), store, "", timer.Mark{}, c.before, c.limit)
		if err != nil || len(a.Timers) != c.found || store.counts > c.counts {
			t.Errorf("before %v: %d timers, %d counts, %v", c.before, len(a.Timers), store.counts, err)
		}
	}
}

// Where nobody has run and nothing is due yet, that is known at once.
func TestNothingIsOverdue(t *testing.T) {
	store := &ranked{Store: open(t)}
	hourly(t, store, 2500)
	a, err := timer.Next(t.Context(), store, "", timer.Mark{}, noon, 20)
	if err != nil || len(a.Timers) != 0 || a.Next != (timer.Mark{}) || store.counts > 1 {
		t.Errorf("%d timers, next %v, %d counts, %v", len(a.Timers), a.Next, store.counts, err)
	}
}

// One that cannot be read comes first, and does not keep the others from being found.
func TestNextBehindOneThatCannotBeRead(t *testing.T) {
	store := open(t)
	hourly(t, store, 2500)
	broken := cairn.Event{ID: cairn.NewID(), Type: timer.TypeSet, Data: json.RawMessage(`[]`)}
	if _, err := store.Append(t.Context(), timer.Category("").Stream("broken"), cairn.NoStream, broken); err != nil {
		t.Fatal(err)
	}
	a, err := timer.Next(t.Context(), store, "", timer.Mark{}, time.Time{}, 3)
	if err != nil || len(a.Timers) != 3 || a.Timers[0].Key != "broken" || a.Timers[1].Key != "many-000000" {
		t.Errorf("%+v, %v", a, err)
	}
}

// Pages go on behind many that were cancelled.
func TestNextBehindManyThatAreCancelled(t *testing.T) {
	store := open(t)
	hourly(t, store, 2500)
	for i := range 150 {
		cancel(t, store, fmt.Sprintf("many-%06d", i))
	}
	a, err := timer.Next(t.Context(), store, "", timer.Mark{}, time.Time{}, 10)
	if err != nil || len(a.Timers) != 10 || a.Timers[0].Key != "many-000150" {
		t.Errorf("%+v, %v", a, err)
	}
}

// What was set late, for a time that the runners have passed, comes first although its
// minute is not looked at.
func TestNextOfOneSetTooLate(t *testing.T) {
	store := open(t)
	set(t, store, "first", noon.Add(-time.Second), ring("first"))
	stop := run(t, store, timer.Options{Clock: timertest.NewClock(noon)})
	rung(t, store, 1)
	stop()
	hourly(t, store, 2500)
	set(t, store, "late", noon.Add(-24*time.Hour), ring("late"))
	a, err := timer.Next(t.Context(), store, "", timer.Mark{}, noon, 10)
	if err != nil || len(a.Timers) != 1 || a.Timers[0].Key != "late" || a.Next != (timer.Mark{}) {
		t.Errorf("%+v, %v", a, err)
	}
}
