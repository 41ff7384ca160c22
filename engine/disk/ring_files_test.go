package disk_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// descriptors is how many of a store's segments this process has open, and
// mappings how many it has mapped.
func descriptors(t *testing.T, dir string) (n int) {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip("this system does not say what is open: ", err)
	}
	for _, fd := range all {
		path, _ := os.Readlink(filepath.Join("/proc/self/fd", fd.Name()))
		if strings.HasPrefix(path, dir) && strings.HasSuffix(path, ".seg") {
			n++
		}
	}
	return n
}

func mappings(t *testing.T, dir string) (n int) {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		t.Skip("this system does not say what is mapped: ", err)
	}
	for line := range strings.Lines(string(maps)) {
		if strings.Contains(line, dir) && strings.HasSuffix(strings.TrimSpace(line), ".seg") {
			n++
		}
	}
	return n
}

// TestFewSegmentsAreOpen reads at random while more is written, opens the store
// again and verifies it, with many more segments than may be open.
func TestFewSegmentsAreOpen(t *testing.T) {
	const limit, readers = 3, 4
	dir := t.TempDir()
	o := (&disk.Options{SegmentSize: 4 << 10, TailSize: 1, UnsafeNoSync: true}).OpenAtMost(limit)
	bounded := func(when string, n int) {
		t.Helper()
		if fds, maps := descriptors(t, dir), mappings(t, dir); fds > n || maps > n {
			t.Errorf("%s: %d segments are open and %d mapped, want at most %d", when, fds, maps, n)
		}
	}
	for round := range 2 {
		s := open(t, dir, o)
		var wg sync.WaitGroup
		wg.Go(func() { fillIn(t, s, 200) })
		for i := range readers {
			wg.Go(func() { readAtRandom(t, s, rand.New(rand.NewPCG(uint64(round), uint64(i))), 60) })
		}
		wg.Wait()
		// One to append to; and who opens one while all are in use closes none.
		bounded("after reading side by side", limit+1+readers)
		checkFilled(t, s, 200*(round+1))
		bounded("after reading alone", limit+1)
		if _, err := s.(*disk.Store).Stats(t.Context()); err != nil {
			t.Error(err)
		}
		bounded("after counting", limit+1)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		bounded("once closed", 0)
	}
	r, err := disk.Verify(t.Context(), dir, nil)
	if err != nil || r.Segments < 10*limit || r.Events != 400 {
		t.Errorf("%d events in %d segments (%v)", r.Events, r.Segments, err)
	}
	bounded("once verified", 0)
}

// fillIn appends n events, some to a segment.
func fillIn(t *testing.T, s cairn.Store, n int) {
	for i := range n {
		e := cairn.Event{Type: "t", Data: []byte(strings.Repeat(fmt.Sprint(i%10), 700))}
		if _, err := s.Append(t.Context(), fmt.Sprint("s-", i%7), cairn.Any, e); err != nil {
			t.Error(err)
			return
		}
	}
}

// readAtRandom reads single events, stretches of the log and streams.
func readAtRandom(t *testing.T, s cairn.Store, rng *rand.Rand, n int) {
	for range n {
		info, err := s.Info(t.Context())
		if err != nil {
			t.Error(err)
		}
		p := cairn.Position(rng.IntN(int(info.Head) + 1))
		all, err := cairn.Collect(s.ReadAll(t.Context(), cairn.AllOptions{After: p, Limit: 1 + rng.IntN(20), Backward: rng.IntN(2) == 0}))
		checkFill(t, all, err)
		stream := fmt.Sprint("s-", rng.IntN(7))
		all, err = cairn.Collect(s.ReadStream(t.Context(), stream, cairn.ReadOptions{From: cairn.Revision(rng.IntN(10)), Limit: 1 + rng.IntN(20)}))
		checkFill(t, all, err)
	}
}

func checkFill(t *testing.T, all []cairn.Recorded, err error) {
	if err != nil {
		t.Error(err)
	}
	for _, e := range all {
		if string(e.Data) != strings.Repeat(string(e.Data[:1]), 700) {
			t.Errorf("position %d: %.20q", e.Position, e.Data)
		}
	}
}

// checkFilled reads all that was filled in.
func checkFilled(t *testing.T, s cairn.Store, n int) {
	t.Helper()
	all, err := cairn.Collect(s.ReadAll(t.Context(), cairn.AllOptions{}))
	if checkFill(t, all, err); len(all) != n {
		t.Errorf("%d events, want %d", len(all), n)
	}
}
