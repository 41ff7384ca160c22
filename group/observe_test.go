package group_test

import (
	"context"
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

// An asked store counts how often it is asked about streams.
type asked struct {
	cairn.Store
	times atomic.Int64
}

func (a *asked) StreamInfo(ctx context.Context, stream string) (cairn.StreamInfo, error) {
	a.times.Add(1)
	return a.Store.StreamInfo(ctx, stream)
}

// An observer that looks again looks at what other groups have left alone only, and
// at all if so much was written that it would cost more to find out.
func TestAnObserverLooksAtWhatHasChanged(t *testing.T) {
	world(t, func(t *testing.T, store cairn.Store) {
		put(t, store, "a", "bad", "c")
		var d diary
		run := func() {
			stop := runIn(t, store, "g", &d)
			synctest.Wait()
			stop()
		}
		run()
		a := &asked{Store: store}
		o := group.Observe(a, "g")
		look := func() int64 {
			t.Helper()
			before := a.times.Load()
			got, err := o.Status(t.Context())
			must(t, err)
			asked := a.times.Load() - before
			want, err := group.Status(t.Context(), store, "g")
			must(t, err)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
			return asked
		}
		look()
		if n := look(); n != 0 {
			t.Errorf("asked about %d streams, and nothing has changed", n)
		}
		put(t, store, "a", "bad", "bad")
		stop := runIn(t, store, "g", &d)
		synctest.Wait()
		look()
		stop()
		look()
		for _, others := range []int{10, 1000} {
			put(t, store, "bad")
			run()
			for i := range others {
				_, err := store.Append(t.Context(), fmt.Sprintf("$group-other-progress-%d", i%64), cairn.Any, cairn.Event{Type: "t"})
				must(t, err)
			}
			look()
		}
	})
}
