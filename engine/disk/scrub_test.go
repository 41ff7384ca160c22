package disk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// scrubbed opens a store with some segments, whose index has taken in most of it.
func scrubbed(t *testing.T, dir string) *disk.Store {
	t.Helper()
	s := open(t, dir, small(nil).Hurry(100, 100)).(*disk.Store)
	t.Cleanup(func() { _ = s.Close() })
	for i := range 2000 {
		place(t, s, i)
	}
	if _, err := cairn.SetMetadata(t.Context(), s, "order-1", cairn.Any, cairn.StreamMetadata{MaxCount: 3}); err != nil {
		t.Fatal(err)
	}
	return s
}

func place(t *testing.T, s cairn.Store, i int) {
	_, err := s.Commit(t.Context(), cairn.Batch{
		Writes: []cairn.Write{{Stream: fmt.Sprintf("order-%d", i%50), Expected: cairn.Any, Events: []cairn.Event{
			{Type: "placed", Data: bytes.Repeat([]byte("d"), i%300), Tags: []string{fmt.Sprint("t", i%7)}},
		}}},
		Key: fmt.Sprintf("key-%d", i),
	})
	if err != nil {
		t.Error(err)
	}
}

func TestScrub(t *testing.T) {
	s := scrubbed(t, t.TempDir())
	var done, total int64
	report, err := s.Scrub(t.Context(), func(d, of int64) { done, total = d, of })
	if err != nil || len(report.Problems) > 0 || report.Events != 2001 || report.Head != 2001 || report.TornBytes != 0 {
		t.Fatalf("%+v, %v", report, err)
	}
	if report.IndexReached == 0 || report.IndexEntries < 4*uint64(report.IndexReached) || report.Streams != 50 {
		t.Errorf("of the index it compared %d entries of %d streams, up to position %d", report.IndexEntries, report.Streams, report.IndexReached)
	}
	if done != report.Bytes || total < done || total > 2*done {
		t.Errorf("the progress ended with %d of %d bytes, and %d were read", done, total, report.Bytes)
	}
}

// A store that nothing was written to is well, and so is one in memory, and one
// that is open for reading.
func TestScrubAnyStore(t *testing.T) {
	empty := open(t, t.TempDir(), nil).(*disk.Store)
	defer empty.Close()
	if report, err := empty.Scrub(t.Context(), nil); err != nil || len(report.Problems) > 0 || report.Events != 0 {
		t.Errorf("empty: %+v, %v", report, err)
	}
	memory, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer memory.Close()
	place(t, memory, 7)
	if report, err := memory.Scrub(t.Context(), nil); err != nil || len(report.Problems) > 0 || report.Events != 1 {
		t.Errorf("memory: %+v, %v", report, err)
	}
	dir := t.TempDir()
	if err := scrubbed(t, dir).Close(); err != nil {
		t.Fatal(err)
	}
	reader := open(t, dir, &disk.Options{ReadOnly: true}).(*disk.Store)
	defer reader.Close()
	if report, err := reader.Scrub(t.Context(), nil); err != nil || len(report.Problems) > 0 || report.Events != 2001 {
		t.Errorf("read-only: %+v, %v", report, err)
	}
}

// What is appended meanwhile is neither waited for nor taken for damage.
func TestScrubWhileOthersWrite(t *testing.T) {
	s := scrubbed(t, t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := 10_000 * (w + 1); ctx.Err() == nil; i++ {
				place(t, s, i)
			}
		})
	}
	for range 20 {
		before, err := s.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		report, err := s.Scrub(t.Context(), nil)
		if err != nil || len(report.Problems) > 0 || report.Head < before.Head || uint64(report.Head) != report.Events {
			t.Errorf("at %d: %+v, %v", before.Head, report, err)
		}
	}
	stop()
	writers.Wait()
}

// TestScrubFindsAnyFlippedByte flips bytes below an open store, also among the
// newest events, which reads have in memory.
func TestScrubFindsAnyFlippedByte(t *testing.T) {
	dir := t.TempDir()
	s := scrubbed(t, dir)
	segments, err := filepath.Glob(filepath.Join(dir, "log", "*.seg"))
	if err != nil || len(segments) < 3 {
		t.Fatal(segments, err)
	}
	for _, path := range segments {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		used := len(bytes.TrimRight(whole, "\x00"))
		for at := 0; at < used; at += 1 + used/40 {
			if at >= 52 && at < 64 {
				continue // bytes that hold nothing
			}
			flip(t, path, at)
			report, err := s.Scrub(t.Context(), nil)
			flip(t, path, at)
			if err != nil || !errors.Is(errors.Join(report.Problems...), cairn.ErrCorrupt) {
				t.Fatalf("%s, byte %d: %v, %v", path, at, report.Problems, err)
			}
		}
	}
	if report, err := s.Scrub(t.Context(), nil); err != nil || len(report.Problems) > 0 {
		t.Errorf("mended: %v, %v", report.Problems, err)
	}
}

// flip flips a byte of a file that is open elsewhere, in place.
func flip(t *testing.T, path string, at int) {
	t.Helper()
	overwrite(t, path, at, 1, func(b byte) byte { return b ^ 0x40 })
}

func overwrite(t *testing.T, path string, at, n int, with func(byte) byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, n)
	_, err = f.ReadAt(b, int64(at))
	for i := range b {
		b[i] = with(b[i])
	}
	if err == nil {
		_, err = f.WriteAt(b, int64(at))
	}
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// Events that were acknowledged and are zeros now are no end of the log.
func TestScrubMissesWhatIsGone(t *testing.T) {
	dir := t.TempDir()
	s := scrubbed(t, dir)
	segments, err := filepath.Glob(filepath.Join(dir, "log", "*.seg"))
	if err != nil {
		t.Fatal(err)
	}
	last := segments[len(segments)-1]
	whole, err := os.ReadFile(last)
	if err != nil {
		t.Fatal(err)
	}
	used := len(bytes.TrimRight(whole, "\x00"))
	overwrite(t, last, 64, used-64, func(byte) byte { return 0 })
	report, err := s.Scrub(t.Context(), nil)
	e, ok := errors.AsType[*cairn.CorruptError](errors.Join(report.Problems...))
	if err != nil || !ok || e.Path != last || e.Offset != 64 {
		t.Errorf("%+v, %v", report.Problems, err)
	}
}

func TestScrubStops(t *testing.T) {
	s := scrubbed(t, t.TempDir())
	ctx, stop := context.WithCancelCause(t.Context())
	why := errors.New("enough of it")
	report, err := s.Scrub(ctx, func(int64, int64) { stop(why) })
	if !errors.Is(err, why) || report.Events == 0 || report.Events > 10 {
		t.Errorf("stopped: %d events, %v", report.Events, err)
	}
	closed := make(chan error, 1)
	var once sync.Once
	_, err = s.Scrub(t.Context(), func(int64, int64) {
		once.Do(func() { closed <- s.Close() })
	})
	if !errors.Is(err, cairn.ErrClosed) || <-closed != nil {
		t.Errorf("closed meanwhile: %v", err)
	}
	if _, err := s.Scrub(t.Context(), nil); !errors.Is(err, cairn.ErrClosed) {
		t.Errorf("closed before: %v", err)
	}
}
