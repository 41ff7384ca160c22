package timer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/storetest"
	"github.com/cairndb/cairn/timer"
	"github.com/cairndb/cairn/timer/timertest"
)

// noon is when the tests' clocks begin.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// patience is how long a test waits for what must happen.
const patience = time.Minute

func open(t testing.TB) cairn.Store {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

// ring is what the tests' timers do: the event's data says which of them it was.
func ring(name string) timer.Fire {
	return timer.Fire{Stream: "bell", Event: cairn.Event{Type: "rang", Data: []byte(name)}}
}

func set(t testing.TB, store cairn.Store, key string, due time.Time, f timer.Fire) {
	t.Helper()
	w, err := timer.Set(key, due, f)
	if err == nil {
		_, err = store.Commit(t.Context(), cairn.Batch{Writes: []cairn.Write{w}})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func cancel(t testing.TB, store cairn.Store, key string) {
	t.Helper()
	w, err := timer.Cancel(key)
	if err == nil {
		_, err = store.Commit(t.Context(), cairn.Batch{Writes: []cairn.Write{w}})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// run runs timers until the function that it returns is called.
func run(t testing.TB, store timer.Store, o timer.Options) (stop func()) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- timer.Run(ctx, store, o) }()
	stop = sync.OnceFunc(func() {
		end()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the runner ended with %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// rung waits until the bell has rung n times, and says what it rang for.
func rung(t testing.TB, store cairn.Store, n int) (names []string) {
	t.Helper()
	ctx, end := context.WithTimeout(t.Context(), patience)
	defer end()
	for e, err := range store.ReadStream(ctx, "bell", cairn.ReadOptions{Follow: true}) {
		if err != nil {
			t.Fatalf("the bell rang for %q, and then: %v", names, err)
		}
		if names = append(names, string(e.Data)); len(names) == n {
			return names
		}
	}
	return names
}

func same(t testing.TB, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFires(t *testing.T) {
	store, clock := open(t), timertest.NewClock(noon)
	set(t, store, "later", noon.Add(2*time.Second), ring("later"))
	set(t, store, "soon", noon.Add(time.Second), ring("soon"))
	set(t, store, "past", noon.Add(-time.Hour), ring("past"))
	set(t, store, "cancelled", noon.Add(time.Second), ring("cancelled"))
	cancel(t, store, "cancelled")
	set(t, store, "again", noon.Add(time.Second), ring("again, first"))
	set(t, store, "again", noon.Add(3*time.Second), ring("again"))
	set(t, store, "next month", noon.AddDate(0, 1, 0), ring("next month"))
	run(t, store, timer.Options{Clock: clock})
	same(t, rung(t, store, 1), "past")
	clock.Advance(time.Second)
	same(t, rung(t, store, 2), "past", "soon")
	clock.Advance(2 * time.Second)
	same(t, rung(t, store, 4), "past", "soon", "later", "again")
	set(t, store, "soon", noon.Add(4*time.Second), ring("soon again"))
	clock.Advance(time.Second)
	same(t, rung(t, store, 5), "past", "soon", "later", "again", "soon again")
	clock.Advance(31 * 24 * time.Hour)
	same(t, rung(t, store, 6)[5:], "next month")
}

func TestSystemClock(t *testing.T) {
	store := open(t)
	run(t, store, timer.Options{})
	due := time.Now().Add(30 * time.Millisecond)
	set(t, store, "a", due, ring("a"))
	rung(t, store, 1)
	if now := time.Now(); now.Before(due) {
		t.Errorf("it rang %v early", due.Sub(now))
	}
}

// TestEvent: the event is what was asked for, byte for byte, whatever it is.
func TestEvent(t *testing.T) {
	store, clock := open(t), timertest.NewClock(noon)
	events := []cairn.Event{
		{Type: "a"},
		{Type: "b", Data: []byte(`{"a":1}`), Metadata: []byte(`{"$correlationId":"x"}`), Tags: []string{"t:1", "t:2"}},
		{Type: "c", Data: []byte("{ \"spaced\" : 1 }\n")},
		{Type: "d", Data: []byte{0xff, 0, 1}, Metadata: []byte("\xfe"), Format: cairn.Protobuf},
		{Type: "e", Data: []byte(`null`), Metadata: []byte(`""`), Format: cairn.Avro},
		{Type: "f", Data: []byte("\"<a>&\u2028\""), ID: cairn.NewID()},
		{Type: "g", Data: []byte("\"\xff\"")},
	}
	for i, e := range events {
		set(t, store, fmt.Sprint(i), noon, timer.Fire{Stream: "bell", Event: e})
	}
	run(t, store, timer.Options{Clock: clock})
	rung(t, store, len(events))
	all, err := cairn.Collect(store.ReadStream(t.Context(), "bell", cairn.ReadOptions{}))
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range all {
		w := events[i]
		if e.Type != w.Type || !bytes.Equal(e.Data, w.Data) || !bytes.Equal(e.Metadata, w.Metadata) || e.Format != w.Format || !slices.Equal(e.Tags, w.Tags) {
			t.Errorf("got  %+v\nwant %+v", e.Event, w)
		}
		if e.ID.IsZero() || !w.ID.IsZero() && e.ID != w.ID {
			t.Errorf("%s: the ID is %v, want %v", e.Type, e.ID, w.ID)
		}
	}
}

// TestOrder: what is overdue fires in the order in which it was due, also if it is
// far more than fits into memory, and much of it is due at the same time.
func TestOrder(t *testing.T) {
	store, clock := open(t), timertest.NewClock(noon)
	dice := dice(t)
	var batches []cairn.Batch
	for i := range 1500 {
		due := noon.Add(time.Duration(dice.IntN(20)) * 30 * time.Second)
		w, err := timer.Set(fmt.Sprint(i), due, ring(due.Format(time.TimeOnly)))
		if err != nil {
			t.Fatal(err)
		}
		batches = append(batches, cairn.Batch{Writes: []cairn.Write{w}})
	}
	commit(t, store, batches)
	stop := run(t, store, timer.Options{Clock: clock, Window: 64})
	clock.Advance(time.Minute)
	rung(t, store, 1)
	stop()
	clock.Advance(time.Hour)
	run(t, store, timer.Options{Clock: clock, Window: 64, Batch: 32})
	if names := rung(t, store, 1500); !slices.IsSorted(names) {
		t.Errorf("fired in the order %q", names)
	}
}

func commit(t testing.TB, store cairn.Store, batches []cairn.Batch) {
	t.Helper()
	for _, out := range cairn.CommitEach(t.Context(), store, batches) {
		if out.Err != nil {
			t.Fatal(out.Err)
		}
	}
}

// TestRestart: nothing is forgotten while nobody runs.
func TestRestart(t *testing.T) {
	store, clock := open(t), timertest.NewClock(noon)
	o := timer.Options{Clock: clock, CheckpointEvery: 1, Horizon: time.Minute}
	stop := run(t, store, o)
	set(t, store, "far", noon.Add(40*time.Hour), ring("far"))
	set(t, store, "near", noon.Add(time.Second), ring("near"))
	clock.Advance(time.Hour)
	rung(t, store, 1)
	stop()
	if _, err := progressOf(t, store); err != nil {
		t.Fatal(err)
	}
	set(t, store, "before that", noon.Add(time.Second), ring("before that"))
	set(t, store, "missed", noon.Add(5*time.Hour), ring("missed"))
	clock.Advance(10 * time.Hour)
	run(t, store, o)
	same(t, rung(t, store, 3), "near", "before that", "missed")
	clock.Advance(48 * time.Hour)
	same(t, rung(t, store, 4)[3:], "far")
}

func progressOf(t testing.TB, store cairn.Store) (cairn.Recorded, error) {
	for e, err := range store.ReadStream(t.Context(), "timerprogress-timer", cairn.ReadOptions{Backward: true, Limit: 1}) {
		return e, err
	}
	return cairn.Recorded{}, errors.New("there is no progress")
}

// TestCopied: progress that was made in another store means nothing in this one.
func TestCopied(t *testing.T) {
	store, clock := open(t), timertest.NewClock(noon)
	set(t, store, "a", noon.Add(time.Hour), ring("a"))
	for _, data := range []string{`{"store":"018f0000-0000-7000-8000-000000000000","position":1,"due":"2030-01-01T00:00:00Z"}`, `{"store":7}`, ``} {
		if _, err := store.Append(t.Context(), "timerprogress-timer", cairn.Any, cairn.Event{Type: "timer.progress", Data: []byte(data)}); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Hour)
		stop := run(t, store, timer.Options{Clock: clock})
		rung(t, store, 1)
		stop()
	}
}

// TestCategories: runners of one category leave the timers of another alone.
func TestCategories(t *testing.T) {
	store, clock := open(t), timertest.NewClock(noon)
	w, err := timer.Category("alarm").Set("a", noon, ring("alarm"))
	if err != nil {
		t.Fatal(err)
	}
	commit(t, store, []cairn.Batch{{Writes: []cairn.Write{w}}})
	set(t, store, "a", noon.Add(time.Second), ring("timer"))
	run(t, store, timer.Options{Clock: clock})
	clock.Advance(time.Second)
	same(t, rung(t, store, 1), "timer")
	run(t, store, timer.Options{Clock: clock, Category: "alarm"})
	same(t, rung(t, store, 2), "timer", "alarm")
}

// TestFailed: a timer that cannot fire is named, and holds up no other.
func TestFailed(t *testing.T) {
	store, clock := open(t), timertest.NewClock(noon)
	if _, err := cairn.TombstoneStream(t.Context(), store, "closed", cairn.NoStream); err != nil {
		t.Fatal(err)
	}
	closed := ring("closed")
	closed.Stream = "closed"
	set(t, store, "closed", noon, closed)
	set(t, store, "set again", noon, closed)
	garbage := map[string]cairn.Event{
		"no json":  {Type: timer.TypeSet, Data: []byte("\xff")},
		"no time":  {Type: timer.TypeSet, Data: []byte(`{}`)},
		"no tag":   {Type: timer.TypeSet, Data: []byte(`{"due":"2031-01-01T00:00:00Z"}`)},
		"no event": {Type: timer.TypeSet, Data: []byte(`{"due":"2020-01-01T00:00:00Z"}`), Tags: []string{"timer-due:timer:26297280"}},
	}
	for key, e := range garbage {
		if _, err := store.Append(t.Context(), "timer-"+key, cairn.Any, e); err != nil {
			t.Fatal(err)
		}
	}
	set(t, store, "fine", noon, ring("fine"))
	failed := make(chan error, 100)
	stop := run(t, store, timer.Options{Clock: clock, OnFailed: func(key string, err error) { failed <- err }})
	rung(t, store, 1)
	for range 6 {
		err := <-failed
		if d, ok := errors.AsType[*timer.DecodeError](err); !errors.Is(err, cairn.ErrStreamDeleted) && (!ok || d.Position == 0) {
			t.Errorf("a timer has failed with %v", err)
		}
	}
	set(t, store, "set again", noon, ring("set again"))
	same(t, rung(t, store, 2), "fine", "set again")
	stop()
	if len(failed) > 0 {
		t.Errorf("a timer was tried again: %v", <-failed)
	}
	timers, err := cairn.Collect(timer.Failed(t.Context(), store, ""))
	if err != nil || len(timers) != 5 {
		t.Errorf("%d timers are said to have failed, %v", len(timers), err)
	}
	for _, f := range timers {
		if f.Error == "" || garbage[f.Key].Type == "" && f.Key != "closed" {
			t.Errorf("%+v is said to have failed", f)
		}
	}
}

// TestRepeated: an event of an ID that its stream has already is not dropped in
// silence.
func TestRepeated(t *testing.T) {
	store, clock := open(t), timertest.NewClock(noon)
	f := ring("a")
	f.Event.ID = cairn.NewID()
	failed := make(chan string, 10)
	run(t, store, timer.Options{Clock: clock, OnFailed: func(key string, _ error) { failed <- key }})
	for range 2 {
		set(t, store, "a", noon, f)
		rung(t, store, 1)
	}
	same(t, []string{<-failed}, "a")
	timers, err := cairn.Collect(timer.Failed(t.Context(), store, ""))
	if err != nil || len(timers) != 1 || !strings.Contains(timers[0].Error, "with this ID already") {
		t.Errorf("%+v, %v", timers, err)
	}
}

// TestDeleted: somebody who deletes a timer's stream has cancelled it.
func TestDeleted(t *testing.T) {
	store, clock := open(t), timertest.NewClock(noon)
	for key, how := range map[string]func(context.Context, cairn.Committer, string, cairn.Revision) (cairn.Position, error){
		"soft": cairn.DeleteStream, "for good": cairn.TombstoneStream,
	} {
		set(t, store, key, noon.Add(time.Second), ring(key))
		if _, err := how(t.Context(), store, "timer-"+key, 0); err != nil {
			t.Fatal(err)
		}
	}
	set(t, store, "c", noon.Add(time.Second), ring("c"))
	run(t, store, timer.Options{Clock: clock})
	clock.Advance(time.Second)
	same(t, rung(t, store, 1), "c")
}

// TestSwept: what is done is deleted, what was cancelled too when its time comes.
func TestSwept(t *testing.T) {
	store, clock := open(t), timertest.NewClock(noon)
	set(t, store, "fired", noon.Add(time.Second), ring("fired"))
	set(t, store, "cancelled", noon.Add(time.Second), ring("cancelled"))
	cancel(t, store, "cancelled")
	cancel(t, store, "never set")
	set(t, store, "last", noon.Add(2*time.Second), ring("last"))
	run(t, store, timer.Options{Clock: clock, Batch: 1})
	clock.Advance(2 * time.Second)
	same(t, rung(t, store, 2), "fired", "last")
	for _, key := range []string{"fired", "cancelled", "last"} {
		info, err := store.StreamInfo(t.Context(), "timer-"+key)
		if err != nil || info.State != cairn.StreamSoftDeleted {
			t.Errorf("%s: %+v, %v", key, info, err)
		}
	}
}

func TestPending(t *testing.T) {
	store, clock := open(t), timertest.NewClock(noon)
	pending := func(before time.Time) (keys []string) {
		t.Helper()
		for p, err := range timer.Pending(t.Context(), store, "", before) {
			if err != nil {
				t.Fatal(err)
			}
			if p.Set.IsZero() || p.At == 0 || string(p.Fire.Event.Data) != p.Key {
				t.Errorf("%+v", p)
			}
			keys = append(keys, p.Key+" "+p.Due.Format(time.DateOnly))
		}
		return keys
	}
	same(t, pending(time.Time{}))
	set(t, store, "c", noon.AddDate(3, 0, 0), ring("c"))
	set(t, store, "b", noon.AddDate(0, 0, 1), ring("b"))
	set(t, store, "a", noon.Add(time.Second), ring("a"))
	set(t, store, "b", noon.AddDate(0, 0, 2), ring("b"))
	set(t, store, "x", noon.AddDate(0, 0, 2), ring("x"))
	cancel(t, store, "x")
	same(t, pending(time.Time{}), "a 2026-03-01", "b 2026-03-03", "c 2029-03-01")
	same(t, pending(noon.AddDate(0, 0, 2)), "a 2026-03-01")
	stop := run(t, store, timer.Options{Clock: clock, CheckpointEvery: 1})
	clock.Advance(time.Second)
	rung(t, store, 1)
	stop()
	set(t, store, "past", noon.AddDate(-1, 0, 0), ring("past"))
	same(t, pending(time.Time{}), "past 2025-03-01", "b 2026-03-03", "c 2029-03-01")
	same(t, pending(noon.AddDate(0, 1, 0)), "past 2025-03-01", "b 2026-03-03")
	for _, err := range timer.Pending(t.Context(), store, "", time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if _, err := cairn.Collect(timer.Pending(t.Context(), store, "a-b", time.Time{})); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("a category with a dash: %v", err)
	}
}

func TestBadInput(t *testing.T) {
	long := strings.Repeat("x", 1000)
	event := cairn.Event{Type: "a"}
	for name, c := range map[string]struct {
		category timer.Category
		key      string
		due      time.Time
		fire     timer.Fire
		field    string
	}{
		"category with dash": {category: "a-b", field: "category"},
		"system category":    {category: "$a", field: "category"},
		"long category":      {category: timer.Category(long), field: "category"},
		"empty key":          {field: "key"},
		"long key":           {key: long, field: "key"},
		"key not UTF-8":      {key: "\xff", field: "key"},
		"no time":            {key: "a", field: "due"},
		"too early":          {key: "a", due: time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC), field: "due"},
		"too late":           {key: "a", due: time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC), field: "due"},
		"no stream":          {key: "a", due: noon, fire: timer.Fire{Event: event}, field: "fire.stream"},
		"its own stream":     {key: "a", due: noon, fire: timer.Fire{Stream: "timer-a", Event: event}, field: "fire.stream"},
		"no type":            {key: "a", due: noon, fire: timer.Fire{Stream: "s"}, field: "fire.event.type"},
		"a time":             {key: "a", due: noon, fire: timer.Fire{Stream: "s", Event: cairn.Event{Type: "a", Time: noon}}, field: "fire.event.time"},
		"too large":          {key: "a", due: noon, fire: timer.Fire{Stream: "s", Event: cairn.Event{Type: "a", Data: make([]byte, timer.MaxEvent+1)}}, field: "fire.event"},
		"bad tag":            {key: "a", due: noon, fire: timer.Fire{Stream: "s", Event: cairn.Event{Type: "a", Tags: []string{""}}}, field: "fire.event.tags"},
	} {
		w, err := c.category.Set(c.key, c.due, c.fire)
		if e, ok := errors.AsType[*cairn.InvalidError](err); !ok || e.Field != c.field || w.Stream != "" {
			t.Errorf("%s: got %v, want an error about %s", name, err, c.field)
		}
	}
	if _, err := timer.Cancel(""); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("cancelling no key: %v", err)
	}
	store := open(t)
	for _, o := range []timer.Options{{Category: "a-b"}, {Window: -1}, {Batch: -1}, {Readers: -1}, {Horizon: -1}, {CheckpointEvery: -1}} {
		if err := timer.Run(t.Context(), store, o); !errors.Is(err, cairn.ErrInvalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

// TestEnd: Run ends with the store's error, and with that of its context.
func TestEnd(t *testing.T) {
	store, clock := open(t), timertest.NewClock(noon)
	cause := errors.New("enough")
	ctx, end := context.WithCancelCause(t.Context())
	end(cause)
	if err := timer.Run(ctx, store, timer.Options{Clock: clock}); !errors.Is(err, cause) {
		t.Errorf("ended with %v, want %v", err, cause)
	}
	set(t, store, "a", noon, ring("a"))
	done := make(chan error, 1)
	go func() { done <- timer.Run(t.Context(), store, timer.Options{Clock: clock}) }()
	rung(t, store, 1)
	store.Close()
	if err := <-done; !errors.Is(err, cairn.ErrClosed) {
		t.Errorf("ended with %v, want %v", err, cairn.ErrClosed)
	}
}

func FuzzStored(f *testing.F) {
	w, err := timer.Set("a", noon, ring(`{"a":1}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(w.Events[0].Data)
	f.Add([]byte(`{"due":"2026-03-01T12:00:00Z","fire":{"stream":"s","id":"x","dataBytes":"!"}}`))
	f.Add([]byte(`{"due":"2026-03-01T12:00:00Z","fire":{"stream":"s","type":"t","format":"odd"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		store := storetest.NewReference()
		defer store.Close()
		stream := "timer-" + cairn.NewID().String()
		if _, err := store.Append(t.Context(), stream, cairn.Any, cairn.Event{Type: timer.TypeSet, Data: data, Tags: w.Events[0].Tags}); err != nil {
			t.Skip(err)
		}
		for p, err := range timer.Pending(t.Context(), store, "", time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			if p.Error == "" {
				back, err := json.Marshal(p.Fire)
				var again timer.Fire
				if err == nil {
					err = json.Unmarshal(back, &again)
				}
				if err != nil || !bytes.Equal(again.Event.Data, p.Fire.Event.Data) || again.Event.Type != p.Fire.Event.Type {
					t.Errorf("%+v comes back as %+v, %v", p.Fire, again, err)
				}
			}
		}
	})
}
