package disk_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

func TestVerifyFindsAnyFlippedByte(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, small(nil))
	for i := range 2000 {
		_, err := s.Commit(t.Context(), cairn.Batch{
			Writes: []cairn.Write{{Stream: fmt.Sprintf("order-%d", i%50), Expected: cairn.Any, Events: []cairn.Event{
				{Type: "placed", Data: make([]byte, i%300), Tags: []string{fmt.Sprint("t", i%7)}},
			}}},
			Key: fmt.Sprintf("key-%d", i),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := cairn.SetMetadata(t.Context(), s, "order-1", cairn.Any, cairn.StreamMetadata{MaxCount: 3}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	report, err := disk.Verify(t.Context(), dir, nil)
	if err != nil || report.Events != 2001 || report.Head != 2001 || report.Streams != 51 || report.TornBytes != 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	segments, err := filepath.Glob(filepath.Join(dir, "log", "*.seg"))
	if err != nil || len(segments) < 3 {
		t.Fatal(segments, err)
	}
	for _, path := range segments {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(whole); at += 1 + len(whole)/40 {
			flipped := append([]byte(nil), whole...)
			flipped[at] ^= 0x40
			if err := os.WriteFile(path, flipped, 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := disk.Verify(t.Context(), dir, nil)
			if at >= 52 && at < 64 || len(bytes.Trim(whole[at:], "\x00")) == 0 {
				continue // bytes that hold nothing
			}
			if !errors.Is(err, cairn.ErrCorrupt) {
				t.Fatalf("%s, byte %d: %v", path, at, err)
			}
		}
		if err := os.WriteFile(path, whole, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestStats(t *testing.T) {
	dir := t.TempDir()
	for _, events := range []int{1000, 2000} {
		s := open(t, dir, small(nil)).(*disk.Store)
		for i := range 1000 {
			if _, err := s.Append(t.Context(), fmt.Sprintf("c%d-%d", i%3, i%50), cairn.Any, cairn.Event{Type: fmt.Sprint("t", i%2)}); err != nil {
				t.Fatal(err)
			}
		}
		st, err := s.Stats(t.Context())
		if err != nil || st.Events != uint64(events) || st.Streams != 150 || len(st.Categories) != 3 || len(st.Types) != 2 || st.Types[0].Events != uint64(events/2) || st.Categories[0].Streams != 50 {
			t.Fatalf("%+v, %v", st, err)
		}
		t.Logf("%+v", st)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
