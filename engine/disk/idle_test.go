package disk_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// BenchmarkAppendBesideIdleFollowers appends to one stream while others are
// followed, of which it reports how much memory each takes.
func BenchmarkAppendBesideIdleFollowers(b *testing.B) {
	for _, n := range []int{0, 10_000} {
		b.Run(fmt.Sprint(n, " streams"), func(b *testing.B) { appendBeside(b, n, idleStream) })
	}
	b.Run("10000 types", func(b *testing.B) { appendBeside(b, 10_000, idleType) })
}

// An idle follower is a read that ends with ctx and says when it first waits.
type idle func(ctx context.Context, s cairn.Store, name string, caughtUp func())

func idleStream(ctx context.Context, s cairn.Store, name string, caughtUp func()) {
	o := cairn.ReadOptions{Follow: true, CaughtUp: func(cairn.Revision) { caughtUp() }}
	_, _ = cairn.Collect(s.ReadStream(ctx, name, o)) // it ends with ctx
}

func idleType(ctx context.Context, s cairn.Store, name string, caughtUp func()) {
	once := sync.OnceFunc(caughtUp)
	o := cairn.AllOptions{Follow: true, Query: cairn.ByType(name), CaughtUp: func(cairn.Position) { once() }}
	_, _ = cairn.Collect(s.ReadAll(ctx, o)) // it ends with ctx
}

func appendBeside(b *testing.B, n int, follow idle) {
	s, err := disk.OpenMemory(nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Append(b.Context(), "busy", cairn.Any, cairn.Event{Type: "x"}); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	var wg, ready sync.WaitGroup
	heapBefore, stackBefore := inUse()
	for i := range n {
		ready.Add(1)
		wg.Go(func() { follow(ctx, s, fmt.Sprint("idle-", i), ready.Done) })
	}
	ready.Wait()
	took, stacks := inUse()
	took, stacks = took-heapBefore, stacks-stackBefore
	for b.Loop() {
		if _, err := s.Append(ctx, "busy", cairn.Any, cairn.Event{Type: "x"}); err != nil {
			b.Fatal(err)
		}
	}
	if n > 0 {
		b.ReportMetric(float64(took)/float64(n), "heap-B/follower")
		b.ReportMetric(float64(stacks)/float64(n), "stack-B/follower")
	}
	cancel()
	wg.Wait()
}

// inUse is the memory that is in use on the heap and on stacks. A stack that is
// large for what is on it becomes half as large with each collection.
func inUse() (heap, stacks int64) {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc), int64(m.StackInuse)
}
