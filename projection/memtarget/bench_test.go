package memtarget_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

// BenchmarkSet writes rows in batches, as a runner does.
func BenchmarkSet(b *testing.B) {
	keys := make([]string, 100_000)
	for i := range keys {
		keys[i] = fmt.Sprintf("account-%d", i)
	}
	target := memtarget.New()
	const batch = 1000
	for at := 0; b.Loop(); at += batch {
		c := projection.Change{Put: []projection.Entry{{Key: "lane", Value: fmt.Sprint(at)}}}
		if err := target.Update(b.Context(), c, func(_ context.Context, tx *memtarget.Tx) error {
			for i := range batch {
				tx.Set("balance", keys[(at+i*7)%len(keys)], at)
			}
			return nil
		}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*batch/b.Elapsed().Seconds(), "sets/s")
}
