package saga_test

import (
	"fmt"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/saga"
)

// BenchmarkSteps measures how many steps a saga makes: each order has three, sends
// three commands, and sets and cancels two timers.
func BenchmarkSteps(b *testing.B) {
	k := open(b)
	var batches []cairn.Batch
	for i := range (b.N + 2) / 3 {
		var all []cairn.Event
		for _, e := range []event{placed{i}, paid{}, packed{}} {
			r, err := events.Encode(e)
			if err != nil {
				b.Fatal(err)
			}
			all = append(all, r)
		}
		batches = append(batches, cairn.Batch{Writes: []cairn.Write{{Stream: fmt.Sprint("order-", i), Expected: cairn.NoStream, Events: all}}})
	}
	for _, out := range cairn.CommitEach(k.ctx, k.store, batches) {
		if out.Err != nil {
			b.Fatal(out.Err)
		}
	}
	b.ResetTimer()
	k.run(orders(), saga.Options{Clock: k.clock})
	n := 0
	for _, err := range k.store.ReadAll(k.ctx, cairn.AllOptions{Query: cairn.ByType(saga.TypeEnded), Follow: true}) {
		if err != nil {
			b.Fatal(err)
		}
		if n++; n == len(batches) {
			break
		}
	}
	b.ReportMetric(float64(3*n)/b.Elapsed().Seconds(), "steps/s")
}
