package disk_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// TestMetadataIsTheCallers: what StreamInfo answers is what was written last,
// however often it is asked and whatever callers do with the answer.
func TestMetadataIsTheCallers(t *testing.T) {
	s, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	make := func(i int) cairn.StreamMetadata {
		return cairn.StreamMetadata{
			MaxCount: int64(i + 1), ACL: &cairn.ACL{Read: []string{"a", fmt.Sprint(i)}, Write: []string{}},
			Custom: map[string]json.RawMessage{"x": json.RawMessage(fmt.Sprint(i)), "long": json.RawMessage(`"` + strings.Repeat("y", 3000*i) + `"`)},
		}
	}
	for i := range 3 {
		if _, err := cairn.SetMetadata(t.Context(), s, "s", cairn.Revision(i-1), make(i)); err != nil {
			t.Fatal(err)
		}
		for n := range 3 {
			info, err := s.StreamInfo(t.Context(), "s")
			if err != nil || !reflect.DeepEqual(info.Metadata, make(i)) || info.MetadataRevision != cairn.Revision(i) {
				t.Fatalf("answer %d to metadata %d: %.300v (%v)", n, i, info, err)
			}
			m := info.Metadata
			m.ACL.Read[0], m.ACL.Write, m.Custom["x"][0] = "changed", nil, '!'
			delete(m.Custom, "long")
		}
	}
}
