package metrics_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/metrics"
	"github.com/cairndb/cairn/storetest"
)

// counted is a store that counts how often streams are looked at, and fails or
// is slow on demand.
type counted struct {
	cairn.Store
	reads atomic.Int64
	fail  atomic.Bool
	slow  atomic.Int64 // how long a look takes
}

func (c *counted) StreamInfo(ctx context.Context, stream string) (cairn.StreamInfo, error) {
	c.reads.Add(1)
	select {
	case <-time.After(time.Duration(c.slow.Load())):
		return c.Store.StreamInfo(ctx, stream)
	case <-ctx.Done():
		return cairn.StreamInfo{}, ctx.Err()
	}
}

func (c *counted) ReadStream(ctx context.Context, stream string, o cairn.ReadOptions) iter.Seq2[cairn.Recorded, error] {
	c.reads.Add(1)
	if c.fail.Load() {
		return func(yield func(cairn.Recorded, error) bool) { yield(cairn.Recorded{}, errors.New("broken")) }
	}
	return c.Store.ReadStream(ctx, stream, o)
}

func TestGroupsAreSampled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &counted{Store: storetest.NewReference()}
		defer store.Close()
		put(t, store, "a", "bad")
		for _, name := range []string{"x", "y"} {
			stop := member(t, store, name, group.Options{Partitions: 8})
			time.Sleep(time.Minute)
			stop()
		}
		reg := prometheus.NewPedanticRegistry()
		groups := metrics.NewGroups(nil)
		reg.MustRegister(groups)
		if got := values(t, reg); len(got) != 0 {
			t.Errorf("without a store: %v", got)
		}
		groups.Watch(store)
		scrape := func() (map[string]float64, int64) {
			before := store.reads.Load()
			got := values(t, reg)
			return got, store.reads.Load() - before
		}
		got, first := scrape()
		want(t, got, "cairn_groups", 2)
		want(t, got, "cairn_group_parked_events x", 1)
		want(t, got, "cairn_group_parked_events y", 1)
		if _, again := scrape(); again != 0 {
			t.Errorf("the next scrape reads %d times", again)
		}
		time.Sleep(10 * time.Second)
		if _, later := scrape(); later == 0 || later >= first {
			t.Errorf("a later one reads %d times, the first %d times", later, first)
		}

		if err := errors.Join(group.Delete(t.Context(), store, "x", false), group.Drop(t.Context(), store, "y", "bad")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		got, _ = scrape()
		want(t, got, "cairn_groups", 1)
		want(t, got, "cairn_group_parked_events y", 0)
		if _, there := got["cairn_group_parked_events x"]; there {
			t.Error("a deleted group is shown")
		}

		store.fail.Store(true)
		time.Sleep(10 * time.Second)
		got, _ = scrape()
		want(t, got, "cairn_group_sample_failures_total", 1)
	})
}

// A store that is slow holds no scrape up for long, and all groups are reached in
// the end.
func TestASlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &counted{Store: storetest.NewReference()}
		defer store.Close()
		put(t, store, "a")
		names := []string{"p", "q", "r", "s"}
		for _, name := range names {
			stop := member(t, store, name, group.Options{Partitions: 4})
			synctest.Wait()
			stop()
		}
		store.slow.Store(int64(200 * time.Millisecond)) // some 4 looks at a group the first time
		reg := prometheus.NewPedanticRegistry()
		reg.MustRegister(metrics.NewGroups(store, names...))
		var got map[string]float64
		for scrapes := 0; len(got) < 2+6*len(names); scrapes++ {
			begin := time.Now()
			got = values(t, reg)
			if took := time.Since(begin); took > 3*time.Second || scrapes > 20 {
				t.Fatalf("scrape %d took %s and shows %d", scrapes, took, len(got))
			}
			time.Sleep(10 * time.Second)
		}
	})
}

// BenchmarkHundredsOfGroups is a scrape of 300 groups: the first one, and a later
// one when nothing has changed.
func BenchmarkHundredsOfGroups(b *testing.B) {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	if _, err := store.Append(b.Context(), "s", cairn.Any, cairn.Event{Type: "t"}); err != nil {
		b.Fatal(err)
	}
	for i := range 300 {
		for _, err := range group.Receive(b.Context(), store, fmt.Sprint("group-", i), group.Options{}) {
			if err != nil {
				b.Fatal(err)
			}
			break
		}
	}
	groups := metrics.NewGroups(store)
	reg := prometheus.NewRegistry()
	reg.MustRegister(groups)
	for name, before := range map[string]func(){"first": func() { groups.Watch(store) }, "later": groups.Expire} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				before()
				if families, err := reg.Gather(); err != nil || len(families[0].Metric) != 300 {
					b.Fatal(len(families[0].Metric), err)
				}
			}
		})
	}
}
