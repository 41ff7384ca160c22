package disk_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// A crashed file system is what a power cut may leave, with what had been
// acknowledged before.
type crashed struct {
	fs        *vfs.MemFS
	acked     []bool
	operation operation // the last one before
	percent   int       // of what was not synced that survived
}

// A crasher takes a crash clone after file operations.
type crasher struct {
	mem   *vfs.MemFS
	acked func() []bool

	mu     sync.Mutex
	rng    *rand.Rand
	every  int // n-th operation
	seen   int
	clones []crashed
}

func (c *crasher) after(o operation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen++; c.seen%c.every != 0 {
		return
	}
	percent := []int{0, 50, 100}[c.rng.IntN(3)]
	acked := c.acked() // before the clone is made
	clone := c.mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: c.rng})
	c.clones = append(c.clones, crashed{clone, acked, o, percent})
}

// hurried has segments and generations end often, and keeps few segments open.
func hurried(fs vfs.FS) *disk.Options {
	return (&disk.Options{FS: fs, SegmentSize: 16 << 10, TailSize: 8 << 10, CacheSize: 1 << 20}).Hurry(16, 48).OpenAtMost(2)
}

// TestCrashes writes at random while the power is cut after file operations,
// and looks at what each cut left. CAIRN_CRASHES=all looks at every single one.
func TestCrashes(t *testing.T) {
	every := 7
	if testing.Short() {
		every = 61
	}
	if os.Getenv("CAIRN_CRASHES") == "all" {
		every = 1
	}
	for _, writers := range []int{1, 4, 150} {
		t.Run(fmt.Sprint("writers ", writers), func(t *testing.T) {
			t.Parallel()
			crashes(t, writers, every)
		})
	}
}

func crashes(t *testing.T, writers, every int) {
	number := seed(t)
	mem, h := vfs.NewCrashableMem(), &history{}
	c := &crasher{mem: mem, acked: h.acknowledged, rng: rand.New(rand.NewPCG(number, 0)), every: every}
	s := open(t, "store", hurried(&probe{FS: mem, before: slowly, after: c.after}))
	var wg sync.WaitGroup
	for i := range writers {
		made := uint64(i) << 32
		g := newGenerator(number+uint64(i), &made)
		wg.Go(func() { h.write(t.Context(), s, g, max(6, 300/writers)) })
	}
	wg.Wait()
	truth := check(t, s, h.now())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var again []crashed
	for i, crash := range c.clones {
		if i%9 == 0 {
			again = append(again, crash.again(t, c.rng)...)
		}
		t.Run(strings.ReplaceAll(fmt.Sprintf("%v %d%%", crash.operation, crash.percent), "/", " "), func(t *testing.T) {
			crash.check(t, h, truth)
		})
	}
	for _, crash := range again {
		t.Run(strings.ReplaceAll(fmt.Sprintf("again %v %d%%", crash.operation, crash.percent), "/", " "), func(t *testing.T) {
			crash.check(t, h, truth)
		})
	}
	t.Logf("%d file operations, %d crashes looked at, %d more while recovering, %d events", c.seen, len(c.clones), len(again), len(truth))
}

// slowly lets many writers come together before a sync returns.
func slowly(o operation) error {
	for range 300 {
		if o.verb == "sync" && o.inLog() {
			runtime.Gosched()
		}
	}
	return nil
}

// again crashes while what a crash left is opened and closed.
func (c *crashed) again(t *testing.T, rng *rand.Rand) []crashed {
	mem := c.fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 100, RNG: rng})
	second := &crasher{mem: mem, acked: func() []bool { return c.acked }, rng: rng, every: 2}
	if err := open(t, "store", hurried(&probe{FS: mem, after: second.after})).Close(); err != nil {
		t.Fatal(err)
	}
	return second.clones
}

// check opens what a crash left. Because the run went on, it is known in which
// order everything was written: the crash must have left a beginning of that.
func (c *crashed) check(t *testing.T, h *history, truth []cairn.Recorded) {
	s := open(t, "store", hurried(c.fs))
	kept := check(t, s, h.asOf(c.acked))
	for i := range kept {
		if !reflect.DeepEqual(kept[i], truth[i]) {
			t.Fatalf("position %d: %+v was %+v", i+1, kept[i], truth[i])
		}
	}
	checkKeys(t, s, h.asOf(c.acked))
	made, later := uint64(1)<<60, &history{}
	later.write(t.Context(), s, newGenerator(1, &made), 30)
	check(t, s, later.now())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if report, err := disk.Verify(t.Context(), "store", &disk.VerifyOptions{FS: c.fs}); err != nil || report.TornBytes > 0 {
		t.Fatalf("%+v, %v", report, err)
	}
}

// checkKeys commits batches with keys again.
func checkKeys(t *testing.T, s cairn.Store, attempts []attempt) {
	t.Helper()
	for i, a := range attempts {
		if a.batch.Key == "" || a.outcome == refused {
			continue
		}
		r, err := s.Commit(t.Context(), a.batch)
		if a.outcome == stored && (err != nil || !r.Duplicate || r.Position != a.receipt.Position || !equalRevisions(r, a.receipt)) {
			t.Fatalf("attempt %d was stored with key %.20q: %+v, %v; was %+v", i, a.batch.Key, r, err, a.receipt)
		}
	}
}

func equalRevisions(a, b cairn.BatchReceipt) bool {
	return len(a.Revisions) == len(b.Revisions) && (len(a.Revisions) == 0 || reflect.DeepEqual(a.Revisions, b.Revisions))
}
