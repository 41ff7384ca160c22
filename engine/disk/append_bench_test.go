package disk_test

import (
	"fmt"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// benchGroup is how many batches of one event each are committed at once.
const benchGroup = 256

// BenchmarkAppendMetadata appends events with metadata and without, a group at a
// time and to memory, so that what is measured is the way into the log and the
// index rather than the disk.
func BenchmarkAppendMetadata(b *testing.B) {
	for _, c := range []struct {
		name     string
		metadata func(i int) []byte
	}{
		{"none", func(int) []byte { return nil }},
		{"other", func(i int) []byte {
			return fmt.Appendf(nil, `{"traceparent":"00-%032x-%016x-01","by":"ann","$causationId":"018f0000-0000-7000-8000-%012d"}`, i, i, i)
		}},
		{"correlation", func(i int) []byte {
			return fmt.Appendf(nil, `{"$correlationId":"018f0000-0000-7000-8000-%012d","$causationId":"018f0000-0000-7000-8000-%012d","by":"ann"}`, i/8, i)
		}},
	} {
		b.Run(c.name, func(b *testing.B) { appendGroups(b, c.metadata) })
	}
}

func appendGroups(b *testing.B, metadata func(i int) []byte) {
	s, err := disk.OpenMemory(nil)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	data := make([]byte, 200)
	batches := make([]cairn.Batch, benchGroup)
	b.ReportAllocs()
	for i := 0; i < b.N; i += benchGroup {
		for j := range batches {
			e := cairn.Event{Type: "typ", Data: data, Metadata: metadata(i + j)}
			batches[j].Writes = []cairn.Write{{Stream: fmt.Sprint("s-", j), Expected: cairn.Any, Events: []cairn.Event{e}}}
		}
		for _, o := range s.CommitEach(b.Context(), batches) {
			if o.Err != nil {
				b.Fatal(o.Err)
			}
		}
	}
}
