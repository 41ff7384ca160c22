package broker_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
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
	for i := 0; i < n; i += 1000 {
		var batch cairn.Batch
		for j := i; j < min(n, i+1000); j++ {
			batch.Writes = append(batch.Writes, cairn.Write{
				Stream: fmt.Sprintf("order-%d", j%10_000), Expected: cairn.Any,
				Events: []cairn.Event{{Type: "order.placed", Data: []byte(`{"total": 12, "customer": "ann"}`)}},
			})
		}
		if _, err := store.Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	return store
}

// A nowhere publisher confirms at once.
type nowhere struct{ n atomic.Int64 }

func (p *nowhere) Publish(context.Context, broker.Message) error { p.n.Add(1); return nil }
func (p *nowhere) Close(context.Context) error                   { return nil }

func BenchmarkRelay(b *testing.B) {
	b.Run("nowhere", func(b *testing.B) { benchmarkRelay(b, new(nowhere)) })
	b.Run("memory", func(b *testing.B) {
		benchmarkRelay(b, broker.NewMemory(broker.MemoryOptions{}).Publisher())
	})
}

func benchmarkRelay(b *testing.B, p broker.Publisher) {
	store := filled(b, b.N)
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	var settled atomic.Int64
	o := broker.RelayOptions{Contract: shop(b), Mapping: typed, Publisher: p}
	o.Group = group.Options{Query: cairn.ByCategory("order"), OnSettled: func(*cairn.Recorded, int) {
		if settled.Add(1) == int64(b.N) {
			cancel()
		}
	}}
	b.ReportAllocs()
	b.ResetTimer()
	start := time.Now()
	if err := broker.Relay(ctx, store, "r", o); settled.Load() < int64(b.N) {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "events/s")
}
