package disk_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

const (
	benchStreams = 200
	benchEvents  = 100 // of a stream
)

// written is a store in files whose events have left the tail.
func written(b *testing.B) *disk.Store {
	s, err := disk.Open(b.TempDir(), &disk.Options{TailSize: 1, UnsafeNoSync: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	e := cairn.Event{Type: "typ", Data: make([]byte, 200)}
	batches := make([]cairn.Batch, benchStreams)
	for range benchEvents {
		for i := range batches {
			batches[i].Writes = []cairn.Write{{Stream: fmt.Sprint("s-", i), Expected: cairn.Any, Events: []cairn.Event{e}}}
		}
		for _, o := range s.CommitEach(b.Context(), batches) {
			if o.Err != nil {
				b.Fatal(o.Err)
			}
		}
	}
	return s
}

// BenchmarkReads reads from files.
func BenchmarkReads(b *testing.B) {
	s := written(b)
	b.Run("all", func(b *testing.B) {
		for left := b.N; left > 0; left -= benchStreams * benchEvents {
			readAll(b, s, cairn.AllOptions{Limit: left})
		}
	})
	b.Run("stream", func(b *testing.B) {
		for left, i := b.N, 0; left > 0; left, i = left-benchEvents, i+1 {
			readStream(b, s, i%benchStreams, cairn.ReadOptions{Limit: left})
		}
	})
	b.Run("last", func(b *testing.B) {
		for b.Loop() {
			readStream(b, s, rand.IntN(benchStreams), cairn.ReadOptions{Backward: true, Limit: 1})
		}
	})
	b.Run("streams side by side", func(b *testing.B) {
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for left, i := b.N, 0; left > 0; left, i = left-2*benchEvents, i+1 {
					readStream(b, s, i%benchStreams, cairn.ReadOptions{Limit: left})
				}
			})
		}
		wg.Wait()
	})
}

func readAll(b *testing.B, s cairn.Store, o cairn.AllOptions) {
	for _, err := range s.ReadAll(b.Context(), o) {
		if err != nil {
			b.Fatal(err)
		}
	}
}

func readStream(b *testing.B, s cairn.Store, i int, o cairn.ReadOptions) {
	for _, err := range s.ReadStream(b.Context(), fmt.Sprint("s-", i), o) {
		if err != nil {
			b.Error(err)
		}
	}
}

// BenchmarkStreamInfo asks about a stream without metadata, and about one with
// a list of who may do what.
func BenchmarkStreamInfo(b *testing.B) {
	s := written(b)
	m := cairn.StreamMetadata{MaxCount: 50, ACL: &cairn.ACL{Read: []string{"a", "b"}, Write: []string{"c"}, MetaRead: []string{"d"}}}
	if _, err := cairn.SetMetadata(b.Context(), s, "s-1", cairn.NoStream, m); err != nil {
		b.Fatal(err)
	}
	for i, name := range []string{"without metadata", "with metadata"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.StreamInfo(b.Context(), fmt.Sprint("s-", i)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
