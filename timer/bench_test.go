package timer_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/timer"
)

// BenchmarkMillion measures how late timers fire with a million others pending, a
// third of them within the next ten minutes: 500 timers are due in each second.
func BenchmarkMillion(b *testing.B) {
	store, err := disk.Open(b.TempDir(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	many(b, store, 1_000_000, func(i int) time.Time { return time.Now().Add(time.Hour/2 + time.Duration(i)*3*time.Millisecond/2) })
	var late []time.Duration
	first, all := make(chan struct{}), make(chan struct{})
	o := timer.Options{Horizon: 40 * time.Minute, OnFired: func(key string, d time.Duration) {
		if key == "first" {
			close(first)
		} else if late = append(late, d); len(late) == b.N {
			close(all)
		}
	}}
	defer run(b, store, o)()
	set(b, store, "first", time.Now(), ring("x"))
	<-first // the runner has seen all that is set
	start := time.Now().Add(time.Second)
	b.ResetTimer()
	many(b, store, b.N, func(i int) time.Time { return start.Add(time.Duration(i) * 2 * time.Millisecond) })
	<-all
	b.StopTimer()
	slices.Sort(late)
	b.ReportMetric(float64(late[len(late)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(late[len(late)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(late[len(late)-1].Microseconds())/1000, "max-ms")
}

func many(b *testing.B, store cairn.Store, n int, due func(int) time.Time) {
	var batches []cairn.Batch
	for i := range n {
		w, err := timer.Set(fmt.Sprint(cairn.NewID()), due(i), ring("x"))
		if err != nil {
			b.Fatal(err)
		}
		if batches = append(batches, cairn.Batch{Writes: []cairn.Write{w}}); len(batches) == 5000 || i == n-1 {
			commit(b, store, batches)
			batches = batches[:0]
		}
	}
}

// BenchmarkOverdue measures how many timers fire in a second when all are overdue.
func BenchmarkOverdue(b *testing.B) {
	store := open(b)
	many(b, store, b.N, func(i int) time.Time { return noon.Add(time.Duration(i) * time.Millisecond) })
	all, n := make(chan struct{}), 0
	b.ResetTimer()
	defer run(b, store, timer.Options{OnFired: func(string, time.Duration) {
		if n++; n == b.N {
			close(all)
		}
	}})()
	<-all
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "timers/s")
}
