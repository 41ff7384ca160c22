package disk_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// goldenEvents is what testdata/format1 holds. A version of Cairn from the time
// of format 1 wrote it: two segments, the last of which ends with half a frame.
// The index and the zeros behind the frames were left out. It never changes,
// because every later version must read it.
const goldenEvents = `
1 order-1 0 order.placed 018f0000-0000-7000-8000-000000000001 2024-02-29T12:30:00.123456789Z json ["cart:7" "customer:ann"] {"by":"ann"} "{\"total\":12}"
2 order-1 1 order.paid 018f0000-0000-7000-8000-000000000002 2024-02-29T12:30:01.123456789Z protobuf []  "\b\f"
3 stock 0 reserved 018f0000-0000-7000-8000-000000000003 1969-12-31T23:59:59Z binary ["cart:7"]  "\x00\xff"
4 $$order-1 0 $metadata 01a2052a-46d3-7f65-a288-91c80c660d8b 2026-11-22T21:29:46.451162239Z json []  "{\"$maxCount\":1}"
5 kärtchen-1 0 issued 018f0000-0000-7000-8000-000000000004 2024-02-29T12:30:00.123456789Z avro []  ""
6 $$kärtchen-1 0 $metadata 01a2052a-46d3-7dc8-a9f1-358b25c1bbca 2026-11-22T21:29:46.451611195Z json []  "{\"$tb\":9223372036854775807}"
7 kärtchen-1 1 issued 018f0000-0000-7000-8000-000000000005 2026-11-22T21:29:46.451790868Z json []  "again"
8 $$kärtchen-1 1 $metadata 01a2052a-46d3-77c1-a1a5-e544fb678ac8 2026-11-22T21:29:46.451790868Z json []  "{\"$tb\":1}"
9 cart-7 9223372036854775807 $streamDeleted 01a2052a-46d3-753d-bd93-c76f2adf732c 2026-11-22T21:29:46.45197875Z json []  ""
10 letter-1 0 sent 018f0000-0000-7000-8000-000000000006 2024-02-29T12:30:00.123456789Z json []  "(long)"
11 letter-1 1 read 018f0000-0000-7000-8000-000000000007 2024-02-29T12:30:00.123456789Z json []  ""
`

// golden opens a copy of the store of format 1, once it is verified.
func golden(t *testing.T) (dir string, s cairn.Store) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "format1"))); err != nil {
		t.Fatal(err)
	}
	if r, err := disk.Verify(t.Context(), dir, nil); err != nil || r.Segments != 2 || r.Events != 11 || r.TornBytes != 31 {
		t.Fatalf("%+v, %v", r, err)
	}
	s = open(t, dir, &disk.Options{SegmentSize: 4 << 10})
	t.Cleanup(func() { s.Close() })
	return dir, s
}

func TestGoldenEvents(t *testing.T) {
	_, s := golden(t)
	info, err := s.Info(t.Context())
	if err != nil || info.ID.String() != "01a2052a-46c7-7c6a-9392-cdd0cbe32de2" || info.Head != 11 {
		t.Errorf("%+v, %v", info, err)
	}
	lines, want := []string{}, strings.Split(strings.Trim(goldenEvents, "\n"), "\n")
	for e, err := range s.ReadAll(t.Context(), cairn.AllOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, goldenLine(&e))
	}
	if !slices.Equal(lines, want) {
		t.Errorf("read\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

func goldenLine(e *cairn.Recorded) string {
	data := bytes.ReplaceAll(e.Data, []byte(strings.Repeat("cairn ", 630)), []byte("(long)"))
	return fmt.Sprintf("%d %s %d %s %s %s %v %q %s %q", e.Position, e.Stream, int64(e.Revision), e.Type, e.ID,
		e.Time.Format(time.RFC3339Nano), e.Format, e.Tags, e.Metadata, data)
}

// What the events say of streams and keys is still known.
func TestGoldenStreams(t *testing.T) {
	_, s := golden(t)
	for _, want := range []cairn.StreamInfo{
		{Stream: "order-1", State: cairn.StreamLive, First: 1, Last: 1, MetadataRevision: 0, Metadata: cairn.StreamMetadata{MaxCount: 1}},
		{Stream: "kärtchen-1", State: cairn.StreamLive, First: 1, Last: 1, MetadataRevision: 1, Metadata: cairn.StreamMetadata{TruncateBefore: 1}},
		{Stream: "cart-7", State: cairn.StreamTombstoned, First: 0, Last: cairn.NoStream, MetadataRevision: cairn.NoStream},
		{Stream: "letter-1", State: cairn.StreamLive, First: 0, Last: 1, MetadataRevision: cairn.NoStream},
		{Stream: "stock", State: cairn.StreamLive, First: 0, Last: 0, MetadataRevision: cairn.NoStream},
	} {
		got, err := s.StreamInfo(t.Context(), want.Stream)
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%+v, %v, want %+v", got, err, want)
		}
	}
	for key, want := range map[string]cairn.BatchReceipt{
		"checkout-1": {Revisions: []cairn.Revision{1, 0}, Position: 3, Duplicate: true},
		"looked":     {Revisions: []cairn.Revision{}, Duplicate: true},
	} {
		got, err := s.Commit(t.Context(), cairn.Batch{Key: key, Conditions: []cairn.Condition{cairn.StreamAt("order-1", 77)}})
		if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %+v, %v, want %+v", key, got, err, want)
		}
	}
}

// goldenSegment is what a write begins for which the last segment has no room:
// the header of the next one, and the frame.
const goldenSegment = `
	434149524e534547 01000000 8f0f0000 01a2052a46c77c6a9392cdd0cbe32de2
	0200000000000000 0c00000000000000 a0b7e3f1 000000000000000000000000

	7d000000 f3282846 cbe32de2 0c00000000000000 01 00 00
	95b405c6 61 10 00000000000000000000000000000001 00ca9a3b00000000
	02086c65747465722d31046b65707400696e2074686520647261776572206f6620746865206465736b206279207468652077696e646f772c207769746820746865206f7468657273
`

func TestGoldenSegment(t *testing.T) {
	dir, s := golden(t)
	r, err := s.Append(t.Context(), "letter-1", 1, cairn.Event{ID: cairn.ID{15: 1}, Type: "kept", Time: time.Unix(1, 0), Data: []byte("in the drawer of the desk by the window, with the others")})
	if err != nil || r.Position != 12 || r.Revision != 2 {
		t.Fatal(r, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "log", "00000000000000000012.seg"))
	if err != nil {
		t.Fatal(err)
	}
	want, err := hex.DecodeString(strings.Join(strings.Fields(goldenSegment), ""))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b, want) || len(bytes.Trim(b[len(want):], "\x00")) > 0 || len(b) != 4<<10 {
		t.Errorf("%d bytes:\n%x\nwant\n%x\nand zeros", len(b), bytes.TrimRight(b, "\x00"), want)
	}
	if _, err := disk.Verify(t.Context(), dir, nil); err != nil {
		t.Error(err)
	}
}

// A log that has lost its manifest is not taken for a place to put a new store.
func TestGoldenWithoutManifest(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "log"), os.DirFS(filepath.Join("testdata", "format1", "log"))); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Open(dir, nil); !errors.Is(err, disk.ErrNotStore) {
		t.Error(err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 1 {
		t.Error(names, err)
	}
}
