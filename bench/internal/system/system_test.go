package system

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

// open opens a system in dir, or skips the test if its service is missing.
func open(t *testing.T, spec Spec, dir string) System {
	t.Helper()
	s, err := spec.Open(t.Context(), Options{Dir: dir, Writers: 4})
	if errors.Is(err, ErrUnavailable) && os.Getenv("CAIRN_REQUIRE_SERVICES") == "" {
		t.Skip(spec.Name, " is missing: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// each runs a test for every system.
func each(t *testing.T, test func(t *testing.T, spec Spec)) {
	for _, spec := range All() {
		t.Run(spec.Name, func(t *testing.T) {
			if spec.Sweep != nil {
				t.Cleanup(func() { sweep(t, spec) })
			}
			test(t, spec)
		})
	}
}

func sweep(t *testing.T, spec Spec) {
	if err := spec.Sweep(context.Background()); err != nil {
		t.Error(err)
	}
}

func events(n int) []cairn.Event {
	list := make([]cairn.Event, n)
	for i := range list {
		list[i] = cairn.Event{ID: cairn.NewID(), Type: "Placed", Data: []byte("0123456789"), Metadata: []byte("abcde"), Format: cairn.Binary}
	}
	return list
}

const size = 15 // of an event

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantTally(t *testing.T, what string, got Tally, err error, n int64) {
	t.Helper()
	if want := (Tally{n, n * size}); err != nil || got != want {
		t.Errorf("%s: %+v, %v; want %+v", what, got, err, want)
	}
}

func TestAppendsAreCheckedAndSurviveClosing(t *testing.T) {
	each(t, func(t *testing.T, spec Spec) {
		dir := t.TempDir()
		s := open(t, spec, dir)
		must(t, s.Append(t.Context(), "order-1", cairn.NoStream, events(1)))
		must(t, s.Append(t.Context(), "order-1", 0, events(3)))
		must(t, s.Append(t.Context(), "order-2", cairn.NoStream, events(2)))
		if !spec.Unchecked {
			wantConflicts(t, s)
		}
		must(t, s.Close())

		s = open(t, spec, dir)
		all, err := s.ReadAll(t.Context())
		wantTally(t, "after closing", all, err, 6)
		must(t, s.Close())
	})
}

func wantConflicts(t *testing.T, s System) {
	t.Helper()
	for _, n := range []int{1, 3} {
		for _, wrong := range []cairn.Revision{cairn.NoStream, 2, 4} {
			if err := s.Append(t.Context(), "order-1", wrong, events(n)); !errors.Is(err, cairn.ErrConflict) {
				t.Errorf("%d events expecting %v: %v, want a conflict", n, wrong, err)
			}
		}
	}
}

func TestConcurrentWriters(t *testing.T) {
	const writers, rounds = 16, 10
	each(t, func(t *testing.T, spec Spec) {
		s := open(t, spec, t.TempDir())
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for r := range rounds {
					if err := s.Append(t.Context(), fmt.Sprint("order-", w), cairn.Revision(r-1), events(1)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		all, err := s.ReadAll(t.Context())
		wantTally(t, "all", all, err, writers*rounds)
		must(t, s.Close())
	})
}

func TestReadsOfWhatWasLoaded(t *testing.T) {
	each(t, func(t *testing.T, spec Spec) {
		s := open(t, spec, t.TempDir())
		defer s.Close()
		loader, ok := s.(Loader)
		if !ok {
			return // it loads nothing
		}
		must(t, loader.Load(t.Context(), chunks(10, 3)))
		all, err := s.ReadAll(t.Context())
		wantTally(t, "all", all, err, 30)
		if r, ok := s.(StreamReader); ok {
			got, err := r.ReadStream(t.Context(), "order-1")
			wantTally(t, "stream", got, err, 3)
			got, err = r.ReadStream(t.Context(), "order-11")
			wantTally(t, "missing stream", got, err, 0)
		}
		if r, ok := s.(TypeReader); ok {
			got, err := r.ReadType(t.Context(), "Rare")
			wantTally(t, "type", got, err, 3)
		}
	})
}

// chunks writes to every stream in turn; one event of each chunk is rare.
func chunks(streams, rounds int) func(yield func([]cairn.Write) bool) {
	return func(yield func([]cairn.Write) bool) {
		for r := range rounds {
			var writes []cairn.Write
			for i := range streams {
				writes = append(writes, cairn.Write{Stream: fmt.Sprint("order-", i), Expected: cairn.Revision(r - 1), Events: events(1)})
			}
			writes[r].Events[0].Type = "Rare"
			if !yield(writes) {
				return
			}
		}
	}
}

func TestFollowersSeeWhatIsAppended(t *testing.T) {
	each(t, func(t *testing.T, spec Spec) {
		s := open(t, spec, t.TempDir())
		defer s.Close()
		follower, ok := s.(Follower)
		if !ok {
			return // it has no followers
		}
		must(t, s.Append(t.Context(), "order-1", cairn.NoStream, events(1))) // is not to be seen
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		ready, seen, ended := make(chan struct{}), make(chan struct{}, 10), make(chan error, 1)
		go func() {
			ended <- follower.Follow(ctx, func() { close(ready) }, func() { seen <- struct{}{} })
		}()
		await(ctx, t, ready)
		for r := range 3 {
			must(t, s.Append(t.Context(), "order-1", cairn.Revision(r), events(1)))
			await(ctx, t, seen)
		}
		cancel()
		must(t, <-ended)
		if len(seen) > 0 {
			t.Error("the follower saw more than was appended")
		}
	})
}

func await(ctx context.Context, t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-ctx.Done():
		t.Fatal(context.Cause(ctx))
	}
}

func TestServersAreAccountedFor(t *testing.T) {
	each(t, func(t *testing.T, spec Spec) {
		s := open(t, spec, t.TempDir())
		defer s.Close()
		a, ok := s.(Accountant)
		if !ok {
			return // it has no other processes
		}
		cpu, err := a.CPU(t.Context())
		if err != nil {
			t.Skip("the processes cannot be seen: ", err)
		}
		if cpu <= 0 {
			t.Errorf("used %v", cpu)
		}
	})
}

// reactors are the systems whose members share work; a slow one is given little.
func reactors() (specs []Spec) {
	for _, spec := range append(All(), Watermill()...) {
		if spec.Name == "cairn" || spec.Name == "jetstream" || spec.Slow > 0 {
			specs = append(specs, spec)
		}
	}
	return specs
}

// A group handles everything that is in the log, once, and leaves nothing; and
// what one has not handled is left.
func TestGroupsSettleEverything(t *testing.T) {
	const streams, each = 10, 30
	for _, spec := range reactors() {
		t.Run(spec.Name, func(t *testing.T) {
			if spec.Sweep != nil {
				t.Cleanup(func() { sweep(t, spec) })
			}
			s := open(t, spec, t.TempDir())
			t.Cleanup(func() { must(t, s.Close()) })
			must(t, s.(Loader).Load(t.Context(), func(yield func([]cairn.Write) bool) {
				for n := range each {
					var writes []cairn.Write
					for i := range streams {
						writes = append(writes, cairn.Write{Stream: fmt.Sprint("s-", i), Expected: cairn.Revision(n) - 1, Events: events(1)})
					}
					if !yield(writes) {
						return
					}
				}
			}))
			var handled atomic.Int64
			must(t, s.(Reactor).React(t.Context(), Reaction{Group: "g", Members: 3, Events: streams * each, Handle: func(data []byte) {
				if string(data) != "0123456789" {
					t.Errorf("the data is %q", data)
				}
				handled.Add(1)
			}}))
			left, err := s.(Reactor).Left(t.Context(), "g")
			must(t, err)
			if handled.Load() != streams*each || left != 0 {
				t.Errorf("%d were handled, %d are left", handled.Load(), left)
			}
			must(t, s.(Loader).Load(t.Context(), func(yield func([]cairn.Write) bool) {
				yield([]cairn.Write{{Stream: "s-0", Expected: each - 1, Events: events(1)}})
			}))
			if left, err := s.(Reactor).Left(t.Context(), "g"); err != nil || left != 1 {
				t.Errorf("one more came: %d are left, %v", left, err)
			}
		})
	}
}
