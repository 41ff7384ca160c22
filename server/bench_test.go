package server_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/kurrent-io/KurrentDB-Client-Go/protos/kurrentdb/protocols/v1/streams"
)

// BenchmarkAppend appends single events, each by a call, from 256 callers on one
// connection.
func BenchmarkAppend(b *testing.B) {
	h := serve(b, nil)
	conn := dial(b, h.addr, nil)
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var callers sync.WaitGroup
	for range 256 {
		callers.Go(func() {
			for left.Add(-1) >= 0 {
				if err := appendTo(b.Context(), conn, "a", "x"); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	callers.Wait()
}

// BenchmarkBatchAppend appends single events through one call, 256 of them under
// way at a time.
func BenchmarkBatchAppend(b *testing.B) {
	h := serve(b, nil)
	call, err := streams.NewStreamsClient(dial(b, h.addr, nil)).BatchAppend(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	room := make(chan struct{}, 256)
	b.ResetTimer()
	var sending sync.WaitGroup
	sending.Go(func() {
		for n := range b.N {
			room <- struct{}{}
			if err := call.Send(batch("a", n)); err != nil {
				b.Error(err)
				return
			}
		}
		call.CloseSend() // fails only if the call has
	})
	for range b.N {
		if r, err := call.Recv(); err != nil || r.GetSuccess() == nil {
			b.Fatal(r, err)
		}
		<-room
	}
	sending.Wait()
}

// BenchmarkConnect connects, calls once and closes.
func BenchmarkConnect(b *testing.B) {
	h := serve(b, nil)
	for b.Loop() {
		conn := dial(b, h.addr, nil)
		if err := appendTo(b.Context(), conn, "a", "x"); err != nil {
			b.Fatal(err)
		}
		conn.Close()
	}
}
