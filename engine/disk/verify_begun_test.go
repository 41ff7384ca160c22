package disk_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// A process that is killed while it begins a segment leaves a file without a
// header. The next open removes it, so it is no damage; a header that was
// overwritten is.
func TestVerifySegmentThatWasOnlyBegun(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, small(nil))
	if _, err := s.Append(t.Context(), "order-1", cairn.NoStream, cairn.Event{Type: "placed"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	begun := filepath.Join(dir, "log", "00000000000000000002.seg")
	for _, length := range []int{0, 10, 1 << 10} {
		if err := os.WriteFile(begun, make([]byte, length), 0o644); err != nil {
			t.Fatal(err)
		}
		report, err := disk.Verify(t.Context(), dir, nil)
		if err != nil || report.Events != 1 || report.Segments != 1 {
			t.Errorf("%d bytes: %+v, %v", length, report, err)
		}
	}
	if err := os.WriteFile(begun, append(make([]byte, 1<<20), "a frame"...), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Verify(t.Context(), dir, nil); !errors.Is(err, cairn.ErrCorrupt) {
		t.Error("a segment without a header:", err)
	}
	if _, err := disk.Open(dir, small(nil)); !errors.Is(err, cairn.ErrCorrupt) {
		t.Error("it was opened:", err)
	}
	if _, err := os.Stat(begun); err != nil {
		t.Error("what it held is gone:", err)
	}
}
