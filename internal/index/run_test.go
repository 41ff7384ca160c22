package index

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cairndb/cairn"
)

// someEntries makes entries of a block, in one run or in several.
func someEntries(r *rand.Rand, k Kind, number uint64) (entries []entry) {
	base, size := number<<k.blockBits(), 1<<k.blockBits()
	e := entry{Place: Place{Position: cairn.Position(r.Uint64N(1 << 40)), Address: r.Uint64N(1 << 40)}}
	for offset := r.IntN(3); offset < size; offset += 1 + r.IntN(1+r.IntN(size)) {
		e.Position += cairn.Position(1 + r.Uint64N(1<<r.Uint64N(30)))
		if k != Stream {
			e.Position = cairn.Position(base + uint64(offset))
		}
		e.Address += r.Uint64N(1 << r.Uint64N(40))
		e.offset = uint16(offset)
		entries = append(entries, e)
	}
	return entries
}

func TestRunsRoundTrip(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		k := []Kind{Stream, Tag}[r.IntN(2)]
		number := r.Uint64N(1 << 40)
		want := someEntries(r, k, number)
		value := appendRuns(nil, k, want)
		got, err := decodeRuns(nil, k, number, value)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%q block %d: %v, want %v (%v)", k, number, got, want, err)
		}
		for n := range value {
			if part, err := decodeRuns(nil, k, number, value[:n]); err == nil && len(part) >= len(want) {
				t.Fatalf("%q block %d: whole after %d of %d bytes", k, number, n, len(value))
			}
		}
	}
}

// TestRunSize holds the promise that an event costs a few bytes.
func TestRunSize(t *testing.T) {
	for _, c := range []struct {
		name  string
		kind  Kind
		every cairn.Position
		bytes float64
	}{
		{"every event has the category", Category, 1, 2.1},
		{"one in ten has the type", Type, 10, 3.1},
		{"one in a hundred is of the stream", Stream, 100, 4.2},
	} {
		var entries []entry
		for i := range cairn.Position(100) {
			p := i * c.every
			entries = append(entries, entry{Place{p + 1, uint64(p) * 400}, uint16(p + 1)})
			if c.kind == Stream {
				entries[i].offset = uint16(i)
			}
		}
		if got := float64(len(appendRuns(nil, c.kind, entries))) / 100; got > c.bytes {
			t.Errorf("%s: %.2f bytes an event, want %.2f", c.name, got, c.bytes)
		}
	}
}

// TestMergeDropsWhatCameTwice joins values that overlap, in either order.
func TestMergeDropsWhatCameTwice(t *testing.T) {
	key := appendNumber(appendTerm(nil, Term{Tag, "t"}), 0)
	var values [][]byte
	for _, at := range [][]cairn.Position{{5}, {3, 7}, {6, 8}, {8, 9}} {
		var entries []entry
		for _, p := range places(at...) {
			entries = append(entries, entry{p, uint16(p.Position)})
		}
		values = append(values, appendRuns(nil, Tag, entries))
	}
	newer, _ := merge(key, values[0])
	older, _ := merge(key, values[3])
	for i := range 3 {
		if newer.MergeNewer(values[i+1]) != nil || older.MergeOlder(values[2-i]) != nil {
			t.Fatal("refused")
		}
	}
	for _, m := range []pebble.ValueMerger{newer, older} {
		value, closer, err := m.Finish(true)
		if err != nil {
			t.Fatal(err)
		}
		got, err := decodeRuns(nil, Tag, 0, value)
		closer.Close()
		want := places(5, 7, 8, 9)
		if !slices.EqualFunc(got, want, func(e entry, p Place) bool { return e.Place == p }) || err != nil {
			t.Errorf("%v, want %v (%v)", got, want, err)
		}
	}
}

// FuzzDecodeRuns: whatever the bytes, an error or a block's worth of entries
// that ascend and that survive being written again.
func FuzzDecodeRuns(f *testing.F) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 20 {
		f.Add(true, uint64(3), appendRuns(nil, Stream, someEntries(r, Stream, 3)))
		f.Add(false, uint64(1<<40), appendRuns(nil, Type, someEntries(r, Type, 1<<40)))
	}
	f.Add(false, uint64(math.MaxUint64), []byte{1, 2, 3})
	f.Add(true, uint64(0), []byte{0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, stream bool, number uint64, value []byte) {
		k := Type
		if stream {
			k = Stream
		}
		entries, err := decodeRuns(nil, k, number, value)
		if cap(entries) > 2<<k.blockBits() {
			t.Fatalf("%d bytes took room for %d entries", len(value), cap(entries))
		}
		if err != nil {
			return
		}
		for i := 1; i < len(entries); i++ {
			if a, b := entries[i-1], entries[i]; b.offset <= a.offset || b.Position <= a.Position {
				t.Fatalf("%+v after %+v", b, a)
			}
		}
		last := uint64(0)
		for _, e := range entries {
			if e.Address < last || e.Address > math.MaxInt64 {
				return // runs that do not follow each other
			}
			last = e.Address
		}
		again, err := decodeRuns(nil, k, number, appendRuns(nil, k, entries))
		if err != nil || !slices.Equal(again, entries) {
			t.Fatalf("%v became %v (%v)", entries, again, err)
		}
	})
}
