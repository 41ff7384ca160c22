package disk_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// A setting is a way to run a store that nobody should notice.
type setting struct {
	name    string
	options disk.Options
	hurry   [2]int // of the indexer; zero for its own
	open    int    // segments at most; zero for as many as usual
	reopen  int    // every so many operations; zero is never
	onDisk  bool
}

var settings = []setting{
	{name: "as it comes"},
	{name: "tiny segments, few open", options: disk.Options{SegmentSize: 4 << 10, TailSize: 1}, open: 2},
	{name: "tiny segments, hurried", options: disk.Options{SegmentSize: 4 << 10, TailSize: 1}, open: 1, hurry: [2]int{1, 1}},
	{name: "no tail, small cache", options: disk.Options{SegmentSize: 1 << 20, TailSize: 1, CacheSize: 1 << 10}, hurry: [2]int{40, 100}},
	{name: "some tail, unsynced", options: disk.Options{SegmentSize: 64 << 10, TailSize: 16 << 10, UnsafeNoSync: true}, hurry: [2]int{7, 1000}},
	{name: "reopened often", options: disk.Options{SegmentSize: 16 << 10}, reopen: 9},
	{name: "reopened, hurried, on disk", options: disk.Options{SegmentSize: 256 << 10, TailSize: 2 << 10}, hurry: [2]int{25, 60}, reopen: 60, onDisk: true},
}

// TestSettingsChangeNoAnswer does the same with stores of all settings and
// compares all that they say.
func TestSettingsChangeNoAnswer(t *testing.T) {
	number, operations := seed(t), 500
	if testing.Short() {
		operations = 120
	}
	want := play(t, settings[0], number, operations)
	for _, s := range settings[1:] {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			got := play(t, s, number, operations)
			for i := range want {
				if i >= len(got) || got[i] != want[i] {
					t.Fatalf("answer %d:\n%s\n%s: \n%s", i, want[i], s.name, got[min(i, len(got)-1)])
				}
			}
		})
	}
}

// play does random operations and returns all answers.
func play(t *testing.T, with setting, number uint64, operations int) (answers []string) {
	t.Helper()
	o := with.options
	o.Hurry(with.hurry[0], with.hurry[1]).OpenAtMost(with.open)
	dir := "store"
	if with.onDisk {
		dir = t.TempDir()
	} else {
		o.FS = &probe{FS: vfs.NewMem()}
	}
	s, made := open(t, dir, &o), uint64(0)
	g := newGenerator(number, &made)
	var past []cairn.Batch
	for i := range operations {
		if with.reopen > 0 && i%with.reopen == with.reopen-1 {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir, &o)
		}
		b := g.batch()
		if i%11 == 10 && len(past) > 0 {
			b = past[g.rng.IntN(len(past))]
		}
		r, err := s.Commit(t.Context(), b)
		if repeatable(b) {
			past = append(past, b)
		}
		if err == nil && !r.Duplicate {
			g.learn(b, r)
		}
		answers = append(answers, fmt.Sprintf("commit %.60v: %v, %v", b.Writes, r, err), glance(t, s, g.rng))
	}
	answers = append(answers, everything(t, s)...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return answers
}

// repeatable reports whether a batch is recognised for ever.
func repeatable(b cairn.Batch) bool {
	return b.Key != "" || !slices.ContainsFunc(b.Writes, func(w cairn.Write) bool { return w.Expected < cairn.NoStream || w.Delete != cairn.Keep })
}

// glance reads something at random.
func glance(t *testing.T, s cairn.Store, rng *rand.Rand) string {
	t.Helper()
	stream := fmt.Sprintf("%c-%d", 'a'+rng.IntN(3), rng.IntN(5))
	from, before, limit, backward := rng.IntN(30), rng.IntN(40), rng.IntN(10), rng.IntN(2) == 0
	switch rng.IntN(3) {
	case 0:
		o := cairn.ReadOptions{From: cairn.Revision(from / 4), Before: cairn.Revision(before / 4), Limit: limit, Backward: backward}
		all, err := cairn.Collect(s.ReadStream(t.Context(), stream, o))
		return fmt.Sprintf("read %s %+v: %v, %v", stream, []any{o.From, o.Before, limit, backward}, positions(all), err)
	case 1:
		o := cairn.AllOptions{
			After: cairn.Position(from * 10), Before: cairn.Position(before * 20), Limit: limit, Backward: backward, NoSystem: limit%2 == 0,
			Query: cairn.Query{{Types: []string{"t0", "t3"}}, {Tags: []string{"k1"}, Prefixes: []string{"b"}}, {Streams: []string{stream, "closed-3"}}},
		}
		all, err := cairn.Collect(s.ReadAll(t.Context(), o))
		return fmt.Sprintf("read all %+v: %v, %v", []any{o.After, o.Before, limit, backward}, positions(all), err)
	}
	info, err := s.StreamInfo(t.Context(), stream)
	return fmt.Sprintf("info %+v, %v", info, err)
}

// everything is everything in the store but what two stores cannot agree on: the
// time, and the IDs of what the store itself writes.
func everything(t *testing.T, s cairn.Store) (all []string) {
	t.Helper()
	for e, err := range s.ReadAll(t.Context(), cairn.AllOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if e.Time = (time.Time{}); [8]byte(e.ID[8:]) != [8]byte{7: 0xc4} {
			e.ID = cairn.ID{}
		}
		all = append(all, fmt.Sprintf("%+v", e))
	}
	st, err := s.(*disk.Store).Stats(t.Context())
	byName := func(a, b disk.Count) int { return cmp.Compare(a.Name, b.Name) }
	slices.SortFunc(st.Types, byName)
	return append(all, fmt.Sprint(st.Head, st.Events, st.Streams, st.Categories, st.Types, err))
}
