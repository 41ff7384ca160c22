package disk_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/cairndb/cairn"
)

// Bringing deleted streams back keeps their metadata, all of it in one frame. A
// frame that could not be read again is refused.
func TestReviveMoreMetadataThanABatchHolds(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	defer s.Close()
	deleted := fmt.Appendf(nil, `{"$tb":9223372036854775807,"x":"%s"}`, bytes.Repeat([]byte("x"), 15<<20))
	var writes []cairn.Write
	for i := range 6 {
		name := fmt.Sprint("order-", i)
		if _, err := s.Commit(t.Context(), cairn.Batch{Writes: []cairn.Write{
			{Stream: name, Expected: cairn.NoStream, Events: []cairn.Event{{Type: "placed"}}},
			{Stream: cairn.MetadataStream(name), Expected: cairn.NoStream, Events: []cairn.Event{{Type: cairn.TypeMetadata, Data: deleted}}},
		}}); err != nil {
			t.Fatal(err)
		}
		writes = append(writes, cairn.Write{Stream: name, Expected: cairn.NoStream, Events: []cairn.Event{{Type: "placed"}}})
	}
	_, err := s.Commit(t.Context(), cairn.Batch{Writes: writes})
	if e, ok := errors.AsType[*cairn.InvalidError](err); !ok || e.Limit != cairn.MaxBatchSize {
		t.Error(err)
	}
	if r, err := s.Commit(t.Context(), cairn.Batch{Writes: writes[:2]}); err != nil || r.Position != 14 {
		t.Error(r, err)
	}
}
