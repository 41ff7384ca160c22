package group_test

import (
	"context"
	"iter"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/storetest"
)

// waits is how long the oldest unsettled event of group g is said to wait, to the
// second.
func waits(t *testing.T, store cairn.Store) time.Duration {
	t.Helper()
	s, err := group.Status(t.Context(), store, "g")
	if err != nil {
		t.Fatal(err)
	}
	if (s.Lag == 0) != s.Oldest.IsZero() {
		t.Errorf("the lag is %d, the oldest of %v", s.Lag, s.Oldest)
	}
	return s.Behind(time.Now()).Truncate(time.Second)
}

// The oldest event that waits says how far behind a group is: while it is handled,
// while others are settled beside it, and when nobody is there.
func TestHowLongTheOldestWaits(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		hold := make(chan struct{})
		run := func() (stop func()) {
			return start(t, func(ctx context.Context) error {
				return group.Run(ctx, store, "g", group.Options{}, func(ctx context.Context, e cairn.Recorded) error {
					if e.Stream != "slow" {
						return nil
					}
					select {
					case <-hold:
						return nil
					case <-ctx.Done():
						return context.Cause(ctx)
					}
				})
			})
		}
		stop := run()
		synctest.Wait()
		equal(t, "nothing there", waits(t, store), time.Duration(0))
		put(t, store, "quick", "slow")
		time.Sleep(10 * time.Minute)
		put(t, store, "quick", "quick")
		time.Sleep(5 * time.Minute)
		equal(t, "being handled", waits(t, store), 15*time.Minute)
		stop()
		time.Sleep(5 * time.Minute)
		equal(t, "nobody holds it", waits(t, store), 20*time.Minute)
		close(hold)
		stop = run()
		time.Sleep(time.Minute)
		equal(t, "settled", waits(t, store), time.Duration(0))
		stop()
		put(t, store, "quick")
		time.Sleep(time.Minute)
		equal(t, "not read yet", waits(t, store), time.Minute)
	})
}

// How long the oldest waits is found out with few reads, however much there is.
func TestHowLongTheOldestWaitsCostsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &counting{Store: storetest.NewReference()}
		defer store.Close()
		stop := start(t, func(ctx context.Context) error {
			return group.Run(ctx, store, "g", group.Options{Partitions: 1}, func(context.Context, cairn.Recorded) error { return nil })
		})
		synctest.Wait()
		stop()
		put(t, store, slices.Repeat([]string{"a"}, 5000)...)
		time.Sleep(time.Minute)
		store.events.Store(0)
		equal(t, "waits", waits(t, store), time.Minute)
		if n := store.events.Load(); n > 1100 {
			t.Errorf("%d events were read", n)
		}
	})
}

// A counting store counts the events of the log that it gives away, also to several
// readers at a time.
type counting struct {
	cairn.Store
	events atomic.Int64
}

func (c *counting) ReadAll(ctx context.Context, o cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		for e, err := range c.Store.ReadAll(ctx, o) {
			if c.events.Add(1); !yield(e, err) {
				return
			}
		}
	}
}
