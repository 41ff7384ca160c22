package projection_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

// BenchmarkRun applies 300,000 events with a handler that does nothing, from the
// first to the last.
func BenchmarkRun(b *testing.B) {
	const events, streams = 300_000, 1000
	store := runStore(b)
	for n := 0; n < events; n += 1000 {
		batch := cairn.Batch{}
		for i := range 1000 {
			batch.Writes = append(batch.Writes, cairn.Write{
				Stream: fmt.Sprintf("account-%d", (n+i)%streams), Expected: cairn.Any,
				Events: []cairn.Event{{Type: "added", Data: []byte(`{"cents":100,"text":"as long as events often are"}`)}},
			})
		}
		if _, err := store.Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	nothing := projection.OnEvent(func(context.Context, *memtarget.Tx, *projection.Event) error { return nil }, "added")
	for _, lanes := range []int{1, 4} {
		b.Run(fmt.Sprintf("lanes=%d", lanes), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				target := memtarget.New()
				stop := startRun(b, store, target, projection.Projection[*memtarget.Tx]{Name: "nothing", Lanes: lanes, Handler: nothing}, nil)
				for {
					info, _ := store.Info(b.Context())
					err := projection.Wait(b.Context(), store, target, "nothing", info.Head)
					if err == nil {
						break
					}
				}
				_ = stop()
			}
			b.ReportMetric(float64(b.N)*events/b.Elapsed().Seconds(), "events/s")
		})
	}
}
