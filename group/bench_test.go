package group_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group"
)

// filled is a store with a number of events on 10,000 streams.
func filled(b *testing.B, n int) cairn.Store {
	b.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	data := make([]byte, 128)
	for i := 0; i < n; i += 1000 {
		var batch cairn.Batch
		for j := i; j < min(n, i+1000); j++ {
			batch.Writes = append(batch.Writes, cairn.Write{
				Stream: fmt.Sprintf("in-%d", j%10_000), Expected: cairn.Any,
				Events: []cairn.Event{{Type: "came", Data: data}},
			})
		}
		if _, err := store.Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	return store
}

// drain runs a member until so many events are settled.
func drain(b *testing.B, n int, run func(ctx context.Context, o group.Options) error) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var settled atomic.Int64
	o := group.Options{Query: cairn.ByCategory("in")}
	o.OnSettled = func(*cairn.Recorded, int) {
		if settled.Add(1) == int64(n) {
			cancel()
		}
	}
	start := time.Now()
	b.ResetTimer()
	if err := run(ctx, o); settled.Load() < int64(n) {
		b.Fatal(err)
	}
	b.ReportMetric(float64(n)/time.Since(start).Seconds(), "events/s")
}

func BenchmarkRun(b *testing.B) {
	n := max(b.N, 1)
	store := filled(b, n)
	drain(b, n, func(ctx context.Context, o group.Options) error {
		return group.Run(ctx, store, "g", o, func(context.Context, cairn.Recorded) error { return nil })
	})
}

func BenchmarkRunTx(b *testing.B) {
	n := max(b.N, 1)
	store := filled(b, n)
	drain(b, n, func(ctx context.Context, o group.Options) error {
		return group.RunTx(ctx, store, "g", o, func(_ context.Context, e cairn.Recorded) (cairn.Batch, error) {
			return cairn.Batch{Writes: []cairn.Write{{Stream: "out-" + e.Stream, Expected: cairn.Any, Events: []cairn.Event{{Type: "done"}}}}}, nil
		})
	})
}
