package disk

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// inMemory is a log of so many segments without frames.
func inMemory(t *testing.T, n, limit int) *segments {
	t.Helper()
	d, id := directory{fs: vfs.NewMem(), path: "store"}, cairn.NewID()
	if err := d.fs.MkdirAll(d.join(logDir), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		s := segment{ordinal: uint32(i), first: cairn.Position(i + 1)}
		f, err := d.fs.Create(d.join(logDir, segmentName(s.first)), writes)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(s.header(id, uint32(1000+i))); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	l, err := openSegments(d, id, &Options{openSegments: limit})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// opened are the ordinals of the segments that are open.
func (l *segments) opened() (all []uint32) {
	for _, s := range l.all() {
		if s.file != nil {
			all = append(all, s.ordinal)
		}
	}
	return all
}

func (l *segments) use(t *testing.T, ordinals ...uint32) {
	t.Helper()
	for _, ordinal := range ordinals {
		if b, err := l.Read(l.segment(ordinal).at(0), 8); string(b) != string(segmentMagic[:]) || err != nil {
			t.Fatalf("segment %d: %q (%v)", ordinal, b, err)
		}
	}
}

func TestRingClosesWhatIsNotUsed(t *testing.T) {
	for name, tc := range map[string]struct {
		use  []uint32
		want string
	}{
		"room for all":                  {[]uint32{0, 1, 2, 1}, "[0 1 2]"},
		"one after the other":           {[]uint32{0, 1, 2, 3, 4, 5}, "[3 4 5]"},
		"one that is used in between":   {[]uint32{0, 1, 2, 3, 1, 4, 1, 5, 1, 6, 1, 7}, "[1 6 7]"},
		"one that was used long before": {[]uint32{0, 0, 0, 0, 1, 2, 3, 4, 5}, "[3 4 5]"},
	} {
		t.Run(name, func(t *testing.T) {
			l := inMemory(t, 8, 3)
			l.use(t, tc.use...)
			if got := fmt.Sprint(l.opened()); got != tc.want {
				t.Errorf("open are %s, want %s", got, tc.want)
			}
			if err := l.Close(); err != nil || l.opened() != nil {
				t.Errorf("once closed, %v are open (%v)", l.opened(), err)
			}
		})
	}
}

// TestRingLeavesWhatIsPinned opens one segment after the other beside some that
// are in use.
func TestRingLeavesWhatIsPinned(t *testing.T) {
	l := inMemory(t, 9, 2)
	for _, ordinal := range []uint32{0, 3, 4} {
		if err := l.pin(l.segment(ordinal)); err != nil {
			t.Fatal(err)
		}
	}
	l.use(t, 1, 2, 5, 6)
	if got := fmt.Sprint(l.opened()); got != "[0 3 4 6]" {
		t.Errorf("open are %s", got)
	}
	for _, ordinal := range []uint32{0, 3, 4} {
		l.segment(ordinal).unpin()
	}
	l.use(t, 7)
	if got := l.opened(); len(got) != 2 {
		t.Errorf("open are %d", got)
	}
}

// TestRingForgetsTheLastSegment, which is open for writing from then on.
func TestRingForgetsTheLastSegment(t *testing.T) {
	l := inMemory(t, 5, 1)
	l.use(t, 4)
	if err := l.resume(l.segment(4).at(headerSize)); err != nil {
		t.Fatal(err)
	}
	for ordinal := range uint32(4) {
		if _, err := l.previous(l.segment(ordinal)); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(l.opened()); got != fmt.Sprint([]uint32{ordinal, 4}) {
			t.Errorf("open are %s behind segment %d", got, ordinal)
		}
	}
	if err := l.roll(5, 6); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(l.opened()); got != "[4 5]" {
		t.Errorf("open are %s when another segment was begun", got)
	}
}

// TestPreviousIsReadOnce: to count what is in use of many segments they need
// not be opened each time.
func TestPreviousIsReadOnce(t *testing.T) {
	l := inMemory(t, 4, 2)
	for range 2 {
		for ordinal := range uint32(4) {
			if n, err := l.previous(l.segment(ordinal)); n != 1000+int64(ordinal) || err != nil {
				t.Errorf("segment %d: %d (%v)", ordinal, n, err)
			}
		}
		if got := fmt.Sprint(l.opened()); got != "[2 3]" {
			t.Errorf("open are %s", got)
		}
	}
}

// TestSegmentsAreCheckedEachTime they are opened.
func TestSegmentsAreCheckedEachTime(t *testing.T) {
	l := inMemory(t, 3, 1)
	l.use(t, 0, 1)
	if err := l.fs.Rename(l.segment(2).path, l.segment(0).path); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Read(l.segment(0).at(0), 8); !errors.Is(err, cairn.ErrCorrupt) {
		t.Errorf("another file in the place of a segment: %v", err)
	}
	l.use(t, 1)
}
