package timer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/timer"
	"github.com/cairndb/cairn/timer/timertest"
)

// setMany sets n timers of a category; due says when the i-th is.
func setMany(t testing.TB, store cairn.Store, c timer.Category, n int, due func(i int) time.Time) {
	t.Helper()
	var b cairn.Batch
	for i := range n {
		w, err := c.Set(fmt.Sprintf("many-%06d", i), due(i), ring("r"))
		if err != nil {
			t.Fatal(err)
		}
		if b.Writes = append(b.Writes, w); len(b.Writes) == 500 || i == n-1 {
			if _, err := store.Commit(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			b.Writes = nil
		}
	}
}

// pages are the keys that the pages of an agenda show, and how many pages. No test
// sets a timer for after the next two months.
func pages(t testing.TB, store cairn.Store, c timer.Category) (keys []string, n int) {
	t.Helper()
	var after timer.Mark
	for n = 1; n < 100; n++ {
		a, err := timer.Next(t.Context(), store, c, after, time.Time{}, 100)
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Timers) > 100 {
			t.Fatalf("%d timers on a page", len(a.Timers))
		}
		for _, x := range a.Timers {
			keys = append(keys, x.Key)
		}
		if after = a.Next; after == (timer.Mark{}) || after.Due.After(noon.AddDate(0, 2, 0)) {
			return keys, n
		}
	}
	t.Fatal("the pages do not end")
	return nil, 0
}

// pending are the keys of all that is pending, found the long way.
func pending(t testing.TB, store cairn.Store, c timer.Category) (keys []string) {
	t.Helper()
	for x, err := range timer.Pending(t.Context(), store, c, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, x.Key)
	}
	return keys
}

func TestNextIsWhatIsPending(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]struct {
		n   int
		due func(i int) time.Time
	}{
		"none":            {0, nil},
		"few":             {7, func(i int) time.Time { return noon.Add(time.Duration(7-i) * time.Hour) }},
		"all at once":     {1500, func(int) time.Time { return noon.Add(time.Minute) }},
		"many":            {5000, func(i int) time.Time { return noon.Add(time.Duration(random.IntN(4000)) * time.Second) }},
		"many in a month": {3000, func(i int) time.Time { return noon.Add(time.Duration(random.IntN(30*24)) * time.Hour) }},
	} {
		for _, ran := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", ran ", ran), func(t *testing.T) {
				store := open(t)
				if ran {
					set(t, store, "first", noon.Add(-time.Second), ring("first"))
					stop := run(t, store, timer.Options{Clock: timertest.NewClock(noon)})
					rung(t, store, 1)
					stop()
				}
				setMany(t, store, "", c.n, c.due)
				for i := 0; i < c.n; i += 3 {
					cancel(t, store, fmt.Sprintf("many-%06d", i))
				}
				want := pending(t, store, "")
				if len(want) < 2400 { // else one commit after the other would look for ever
					if got, n := pages(t, store, ""); !slices.Equal(got, want) {
						t.Errorf("%d pages show %d timers, want %d", n, len(got), len(want))
					}
					return
				}
				a, err := timer.Next(t.Context(), store, "", timer.Mark{}, time.Time{}, 100)
				if err != nil || len(a.Timers) != 100 || a.Timers[99].Key != want[99] {
					t.Errorf("the first page has %d timers, %v", len(a.Timers), err)
				}
			})
		}
	}
}

// A minute that is crowded is passed over rather than read, and that is said.
func TestACrowdedMinute(t *testing.T) {
	store := open(t)
	setMany(t, store, "", 5000, func(i int) time.Time { return noon.Add(time.Duration(i) * time.Millisecond) })
	a, err := timer.Next(t.Context(), store, "", timer.Mark{}, time.Time{}, 100)
	if err != nil || len(a.Timers) != 100 || !a.Crowded {
		t.Fatalf("%d timers, crowded %v, %v", len(a.Timers), a.Crowded, err)
	}
}

func TestCategoriesThereAre(t *testing.T) {
	store := open(t)
	list := func() []timer.Category {
		all, err := timer.Categories(t.Context(), store)
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if got := list(); len(got) != 0 {
		t.Errorf("of an empty store: %q", got)
	}
	setMany(t, store, "egg", 1, func(int) time.Time { return noon })
	stop := run(t, store, timer.Options{Category: "egg", Clock: timertest.NewClock(noon), CheckpointEvery: time.Nanosecond})
	rung(t, store, 1)
	first(t, store, cairn.MetadataStream("timerprogress-egg"))
	stop()
	setMany(t, store, "tea", 2500, func(int) time.Time { return noon.Add(time.Hour) })
	if got := list(); !slices.Equal(got, []timer.Category{"egg", "tea"}) {
		t.Errorf("got %q", got)
	}
	s, err := timer.StandingOf(t.Context(), store, "egg")
	if err != nil || s.Written.IsZero() || s.Done.Before(noon) {
		t.Errorf("egg stands at %+v, %v", s, err)
	}
	if s, err = timer.StandingOf(t.Context(), store, "tea"); err != nil || !s.Written.IsZero() {
		t.Errorf("tea stands at %+v, %v", s, err)
	}
}

// TestProgressIsBoundedLater: a runner that was killed between its first progress and
// the word that only the last is kept leaves that to the next one.
func TestProgressIsBoundedLater(t *testing.T) {
	store := open(t)
	if _, err := store.Append(t.Context(), "timerprogress-egg", cairn.NoStream, cairn.Event{Type: "timer.progress", Data: []byte(`{}`)}); err != nil {
		t.Fatal(err)
	}
	setMany(t, store, "egg", 1, func(int) time.Time { return noon })
	run(t, store, timer.Options{Category: "egg", Clock: timertest.NewClock(noon), CheckpointEvery: time.Nanosecond})
	first(t, store, cairn.MetadataStream("timerprogress-egg"))
}

// first waits for the first event of a stream.
func first(t *testing.T, store cairn.Store, stream string) {
	t.Helper()
	ctx, end := context.WithTimeout(t.Context(), patience)
	defer end()
	for _, err := range store.ReadStream(ctx, stream, cairn.ReadOptions{Follow: true}) {
		if err != nil {
			t.Fatalf("nothing has come to %s: %v", stream, err)
		}
		return
	}
}

func TestFind(t *testing.T) {
	store := open(t)
	find := func(key string) (timer.Timer, bool) {
		x, ok, err := timer.Find(t.Context(), store, "", key)
		if err != nil {
			t.Fatal(err)
		}
		return x, ok
	}
	if _, ok := find("a"); ok {
		t.Error("found what was never set")
	}
	set(t, store, "a", noon, ring("a"))
	set(t, store, "a", noon.Add(time.Hour), ring("a"))
	x, ok := find("a")
	if !ok || x.Revision != 1 || !x.Due.Equal(noon.Add(time.Hour)) || x.Fire.Stream != "bell" {
		t.Errorf("found %+v", x)
	}
	cancel(t, store, "a")
	if _, ok := find("a"); ok {
		t.Error("found what was cancelled")
	}
}

// Whoever has it fire now expects to find what was seen, and the event is the same.
func TestFireNow(t *testing.T) {
	store := open(t)
	set(t, store, "a", noon.Add(time.Hour), ring("a"))
	x, _, err := timer.Find(t.Context(), store, "", "a")
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{true, false} {
		w, err := timer.Set("a", noon, x.Fire)
		if err != nil {
			t.Fatal(err)
		}
		w.Expected = x.Revision
		if _, err = store.Commit(t.Context(), cairn.Batch{Writes: []cairn.Write{w}}); (err == nil) != want {
			t.Errorf("the %d. time: %v", i+1, err)
		}
	}
	run(t, store, timer.Options{Clock: timertest.NewClock(noon)})
	same(t, rung(t, store, 1), "a")
	for e, err := range store.ReadStream(t.Context(), "bell", cairn.ReadOptions{}) {
		if err != nil || e.ID != x.Fire.Event.ID {
			t.Errorf("fired %v, want %v: %v", e.ID, x.Fire.Event.ID, err)
		}
	}
}

func TestLatelyFailed(t *testing.T) {
	store := open(t)
	for _, key := range []string{"a", "b", "c"} {
		set(t, store, key, noon, timer.Fire{Stream: "closed", Event: cairn.Event{Type: "rang"}})
	}
	if _, err := cairn.TombstoneStream(t.Context(), store, "closed", cairn.Any); err != nil {
		t.Fatal(err)
	}
	failed := make(chan string, 3)
	run(t, store, timer.Options{Clock: timertest.NewClock(noon), OnFailed: func(key string, _ error) { failed <- key }})
	for range 3 {
		<-failed
	}
	all, err := timer.LatelyFailed(t.Context(), store, "", 2)
	if err != nil || len(all) != 2 || all[0].Error == "" || all[0].Revision != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	if x, ok, err := timer.Find(t.Context(), store, "", all[0].Key); err != nil || !ok || x.Revision != 1 || x.Error == "" {
		t.Errorf("found %+v, %v, %v", x, ok, err)
	}
}
