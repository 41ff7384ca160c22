package group_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/storetest"
)

// A diary remembers in which order events were handled.
type diary struct {
	mu  sync.Mutex
	all []string
}

func (d *diary) write(e cairn.Recorded) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, fmt.Sprintf("%s@%d", e.Stream, e.Revision))
}

func (d *diary) read() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.all)
}

func (d *diary) of(stream string) (all []string) {
	for _, s := range d.read() {
		if len(s) > len(stream) && s[:len(stream)+1] == stream+"@" {
			all = append(all, s)
		}
	}
	return all
}

// put appends events to streams, one each.
func put(t testing.TB, store cairn.Store, streams ...string) {
	t.Helper()
	for _, s := range streams {
		if _, err := store.Append(context.Background(), s, cairn.Any, cairn.Event{Type: "happened"}); err != nil {
			t.Fatal(err)
		}
	}
}

// start runs a member; stop ends it in good order.
func start(t testing.TB, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	return sync.OnceFunc(func() {
		t.Helper()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("the member ended with %v", err)
		}
	})
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// a world is a store and what is common to the tests, in virtual time.
func world(t *testing.T, test func(t *testing.T, store cairn.Store)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		store := storetest.NewReference()
		defer store.Close()
		test(t, store)
	})
}

func TestEventsAreHandledInOrder(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "a-1", "a-2", "a-1")
		var d diary
		stop := start(t, func(ctx context.Context) error {
			return group.Run(ctx, store, "g", group.Options{}, func(_ context.Context, e cairn.Recorded) error { d.write(e); return nil })
		})
		defer stop()
		synctest.Wait()
		put(t, store, "a-2", "a-1")
		synctest.Wait()
		equal(t, "a-1", d.of("a-1"), []string{"a-1@0", "a-1@1", "a-1@2"})
		equal(t, "a-2", d.of("a-2"), []string{"a-2@0", "a-2@1"})
	})
}

func TestARestartResumes(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		var d diary
		once := func() {
			stop := start(t, func(ctx context.Context) error {
				return group.Run(ctx, store, "g", group.Options{}, func(_ context.Context, e cairn.Recorded) error { d.write(e); return nil })
			})
			synctest.Wait()
			stop()
		}
		put(t, store, "a", "b")
		once()
		put(t, store, "a")
		once()
		once()
		equal(t, "handled", len(d.read()), 3)
		equal(t, "a", d.of("a"), []string{"a@0", "a@1"})
		s, err := group.Status(t.Context(), store, "g")
		if err != nil || s.Lag != 0 || len(s.Members) != 0 {
			t.Errorf("status is %+v, %v", s, err)
		}
	})
}

func TestAFailingKeyHoldsBackItsOwn(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "bad", "good", "bad", "good")
		var d diary
		var retries []int
		o := group.Options{Attempts: 3, Backoff: func(int) time.Duration { return time.Minute }}
		o.OnRetry = func(e *cairn.Recorded, attempt int, after time.Duration, err error) {
			retries = append(retries, attempt)
		}
		stop := start(t, func(ctx context.Context) error {
			return group.Run(ctx, store, "g", o, func(_ context.Context, e cairn.Recorded) error {
				d.write(e)
				if e.Stream == "bad" {
					return errors.New("no")
				}
				return nil
			})
		})
		defer stop()
		synctest.Wait()
		equal(t, "good ones", d.of("good"), []string{"good@0", "good@1"})
		equal(t, "bad ones", d.of("bad"), []string{"bad@0"})
		time.Sleep(2*time.Minute + time.Second)
		synctest.Wait()
		equal(t, "bad ones", d.of("bad"), []string{"bad@0", "bad@0", "bad@0"})
		equal(t, "retries", retries, []int{1, 2})
		put(t, store, "bad", "good")
		synctest.Wait()
		keys, err := group.Parked(t.Context(), store, "g")
		if err != nil || len(keys) != 1 {
			t.Fatalf("parked: %+v, %v", keys, err)
		}
		equal(t, "parked", keys[0], group.ParkedKey{Key: "bad", Error: "no", Attempts: 3, First: 1, Last: keys[0].Last, Count: 3})
		equal(t, "good ones", len(d.of("good")), 3)
	})
}

func TestParkedEventsAreReplayedInOrder(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprintf("restart %v", restart), func(t *testing.T) {
			world(t, func(t *testing.T, store cairn.Store) {
				put(t, store, "k", "k", "k")
				var d diary
				var fixed sync.Map
				run := func() func() {
					return start(t, func(ctx context.Context) error {
						return group.Run(ctx, store, "g", group.Options{}, func(_ context.Context, e cairn.Recorded) error {
							if _, ok := fixed.Load("yes"); !ok {
								return group.Park(errors.New("broken"))
							}
							d.write(e)
							if e.Type == "edited" {
								d.all = append(d.all, "edited")
							}
							return nil
						})
					})
				}
				stop := run()
				synctest.Wait()
				if restart {
					stop()
				}
				fixed.Store("yes", true)
				ctx := t.Context()
				keys, err := group.Parked(ctx, store, "g")
				if err != nil || len(keys) != 1 || keys[0].Count != 3 {
					t.Fatalf("parked %+v, %v", keys, err)
				}
				must(t, group.Edit(ctx, store, "g", "k", 2, cairn.Event{Type: "edited"}))
				must(t, group.Drop(ctx, store, "g", "k", 1))
				events, err := cairn.Collect(group.ParkedEvents(ctx, store, "g", "k"))
				if err != nil || len(events) != 2 || events[0].Type != "edited" || events[0].Position != 2 {
					t.Errorf("parked events %+v, %v", events, err)
				}
				must(t, group.Replay(ctx, store, "g", "k"))
				if restart {
					stop = run()
				}
				put(t, store, "k")
				synctest.Wait()
				put(t, store, "k")
				synctest.Wait()
				equal(t, "replayed", d.read(), []string{"k@1", "edited", "k@2", "k@3", "k@4"})
				keys, err = group.Parked(ctx, store, "g")
				if err != nil || len(keys) != 0 {
					t.Errorf("parked %+v, %v", keys, err)
				}
				if err := group.Replay(ctx, store, "g", "k"); !errors.Is(err, group.ErrUnknown) {
					t.Errorf("replaying nothing: %v", err)
				}
				stop()
			})
		})
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Notes are cut off when nothing is parked, and those who come later find the rest.
func TestNotesAreCutOff(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		n := 0
		run := func(outcome error) {
			stop := start(t, func(ctx context.Context) error {
				o := group.Options{Partitions: 1, Workers: 1}
				return group.Run(ctx, store, "g", o, func(_ context.Context, e cairn.Recorded) error { n++; return outcome })
			})
			time.Sleep(time.Minute)
			synctest.Wait()
			stop()
		}
		for i := range 1100 {
			put(t, store, fmt.Sprint("s-", i))
		}
		run(group.Skip("old"))
		info, err := store.StreamInfo(t.Context(), "$group-g-parked-0")
		if err != nil || info.Last != 1099 || info.First < 1000 {
			t.Errorf("notes %d to %d, %v", info.First, info.Last, err)
		}
		put(t, store, "s-1", "s-2")
		run(group.Park(errors.New("no")))
		keys, err := group.Parked(t.Context(), store, "g")
		if err != nil || len(keys) != 2 || n != 1102 {
			t.Errorf("parked %+v after %d, %v", keys, n, err)
		}
		must(t, group.ReplayAll(t.Context(), store, "g"))
		run(nil)
		keys, err = group.Parked(t.Context(), store, "g")
		if err != nil || len(keys) != 0 || n != 1104 {
			t.Errorf("parked %+v after %d, %v", keys, n, err)
		}
	})
}

// More events of a key than are kept in memory are read again in their order.
func TestALongQueueIsReadAgain(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		var d diary
		for range 50 {
			put(t, store, "k")
		}
		stop := start(t, func(ctx context.Context) error {
			o := group.Options{PerKey: 2, Query: cairn.Query{{Streams: []string{"k"}}}}
			return group.Run(ctx, store, "g", o, func(_ context.Context, e cairn.Recorded) error {
				time.Sleep(time.Second)
				d.write(e)
				return nil
			})
		})
		time.Sleep(25*time.Second + time.Millisecond)
		s, err := group.Status(t.Context(), store, "g")
		if err != nil || s.Lag < 20 || len(s.Members) != 1 || s.Members[0].Partitions != 64 {
			t.Errorf("status %+v, %v", s, err)
		}
		stop()
		equal(t, "handled", len(d.of("k")), 26)
		stop = start(t, func(ctx context.Context) error {
			return group.Run(ctx, store, "g", group.Options{PerKey: 3}, func(_ context.Context, e cairn.Recorded) error { d.write(e); return nil })
		})
		synctest.Wait()
		stop()
		for i, s := range d.of("k") {
			if s != fmt.Sprint("k@", i) {
				t.Fatalf("number %d is %s", i, s)
			}
		}
		equal(t, "handled", len(d.of("k")), 50)
	})
}

// A partition moves when what is being handled is done, so nothing is handled
// twice because a member has come.
func TestAMoveWaitsForHandlers(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		var d diary
		goOn := make(chan struct{})
		run := func() func() {
			return start(t, func(ctx context.Context) error {
				return group.Run(ctx, store, "g", group.Options{Workers: 100}, func(_ context.Context, e cairn.Recorded) error {
					d.write(e)
					<-goOn
					return nil
				})
			})
		}
		for i := range 64 {
			put(t, store, fmt.Sprint("s-", i), fmt.Sprint("s-", i))
		}
		defer run()()
		synctest.Wait()
		defer run()()
		time.Sleep(time.Minute)
		synctest.Wait()
		equal(t, "being handled", len(d.read()), 64)
		close(goOn)
		synctest.Wait()
		equal(t, "handled", len(d.read()), 128)
		s, err := group.Status(t.Context(), store, "g")
		if err != nil || len(s.Members) != 2 || s.Members[0].Partitions != 32 {
			t.Errorf("status %+v, %v", s.Members, err)
		}
	})
}
