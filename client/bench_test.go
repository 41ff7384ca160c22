package client_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// BenchmarkAppend appends single events from many callers through one client,
// each to a stream of its own, durably on disk.
func BenchmarkAppend(b *testing.B) {
	for _, callers := range []int{1, 64, 256, 1024} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) {
			store, err := disk.Open(b.TempDir(), nil)
			if err != nil {
				b.Fatal(err)
			}
			server := serve(b, store, "")
			c := dial(b, server.address, nil)
			benchmarkAppends(b, c, callers)
			if err := c.Close(); err != nil {
				b.Fatal(err)
			}
			server.stop()
			if err := store.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func benchmarkAppends(b *testing.B, store cairn.Appender, callers int) {
	data := make([]byte, 256)
	var next atomic.Int64
	b.SetParallelism(max(1, callers/runtime.GOMAXPROCS(0)))
	b.ResetTimer()
	before := processorTime(b)
	b.RunParallel(func(pb *testing.PB) {
		stream, at := fmt.Sprint("s-", next.Add(1)), cairn.NoStream
		for pb.Next() {
			r, err := store.Append(context.Background(), stream, at, cairn.Event{Type: "benchmark.happened", Data: data})
			if err != nil {
				b.Error(err)
				return
			}
			at = r.Revision
		}
	})
	b.ReportMetric(float64(processorTime(b)-before)/1e3/float64(b.N), "cpu-us/op")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "appends/s")
}

// processorTime is what this process, server and client, has used: unlike the time
// that passes it does not depend on what else the machine does.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkAppendInProcess is the same without a network, for comparison.
func BenchmarkAppendInProcess(b *testing.B) {
	store, err := disk.Open(b.TempDir(), nil)
	if err != nil {
		b.Fatal(err)
	}
	benchmarkAppends(b, store, 256)
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
}
