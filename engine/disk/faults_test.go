package disk_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
)

// A fault is a way in which file operations fail.
type fault struct {
	err     fails
	lasting bool // not once, but from some operation on
	logOnly bool // what is not of the log goes well
}

var faults = []fault{
	{err: errBroken}, {err: errFull}, {err: errShort}, {err: errFullShort},
	{err: errBroken, lasting: true}, {err: errFull, lasting: true},
	{err: errBroken, lasting: true, logOnly: true}, {err: errShort, lasting: true, logOnly: true},
}

func (f fault) String() string {
	s := f.err.Error()
	if f.err.short {
		s += ", short"
	}
	if f.lasting {
		s += ", lasting"
	}
	if f.logOnly {
		s += ", log only"
	}
	return s
}

// concerns reports whether an operation can fail so.
func (f fault) concerns(o operation) bool {
	switch {
	case f.logOnly && !o.inLog(), f.err.short && !strings.HasPrefix(o.verb, "write"):
		return false
	}
	return f.err.Errno != errFull.Errno || o.changes() // reading takes no room
}

// A faulty file system has a fault at its n-th operation.
type faulty struct {
	fault
	n      int64
	count  atomic.Int64
	hit    atomic.Pointer[operation]
	mended atomic.Bool
}

func (f *faulty) before(o operation) error {
	if f.mended.Load() || !f.concerns(o) {
		return nil
	}
	if n := f.count.Add(1); n != f.n && !(f.lasting && n > f.n) {
		return nil
	}
	f.hit.CompareAndSwap(nil, &o)
	return f.err
}

func (f *faulty) String() string {
	return fmt.Sprintf("operation %d, %v: %v", f.n, f.hit.Load(), f.fault)
}

// TestFaults has each file operation of a run fail. The store then goes on or
// says that it cannot. Everything that it acknowledged is there, and nothing
// that it refused, when the disk works again, after a crash, and when it was
// opened again. CAIRN_FAULTS=all tries every operation.
func TestFaults(t *testing.T) {
	step := int64(9)
	if testing.Short() {
		step = 83
	}
	if os.Getenv("CAIRN_FAULTS") == "all" {
		step = 1
	}
	for _, fault := range faults {
		for _, writers := range []int{1, 5} {
			t.Run(strings.ReplaceAll(fmt.Sprintf("%v, %d writers", fault, writers), "/", " "), func(t *testing.T) {
				t.Parallel()
				number := seed(t)
				all := &faulty{fault: fault, n: 1 << 60}
				all.run(t, number, writers)
				for n := 1 + int64(number%64)%step; n <= all.count.Load(); n += step {
					(&faulty{fault: fault, n: n}).run(t, number, writers)
				}
				t.Logf("each of %d file operations failed, but for a step of %d", all.count.Load(), step)
			})
		}
	}
}

// run makes one run.
func (f *faulty) run(t *testing.T, number uint64, writers int) {
	t.Helper()
	defer func() {
		if t.Failed() {
			t.Log(f)
		}
	}()
	mem, h := vfs.NewCrashableMem(), &history{}
	o := hurried(&probe{FS: mem, before: f.before})
	s, err := disk.Open("store", o)
	if err != nil {
		if !errors.Is(err, f.err.Errno) {
			t.Errorf("Open fails with %v", err)
		}
		f.mended.Store(true)
		s = open(t, "store", o).(*disk.Store)
	}
	f.write(t, s, h, number, writers)
	f.mended.Store(true)
	check(t, s, h.now())
	for _, percent := range []int{0, 50} {
		rng := rand.New(rand.NewPCG(number, uint64(percent)))
		reopen(t, mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: percent, RNG: rng}), h)
	}
	if err := s.Close(); err != nil && f.hit.Load() == nil {
		t.Fatalf("Close says %v", err)
	}
	reopen(t, mem, h)
}

// write writes, and looks at the errors.
func (f *faulty) write(t *testing.T, s cairn.Store, h *history, number uint64, writers int) {
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			made, stopped := uint64(i)<<32, false
			g := newGenerator(number+uint64(i), &made)
			for range 60 / writers {
				b := g.batch()
				err := h.commit(t.Context(), s, b)
				if stopped && err == nil && !isEmpty(b) {
					t.Errorf("a store that had stopped took a write")
				}
				stopped = stopped || errors.Is(err, cairn.ErrFailed)
				if err := f.judge(err); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// judge says what is wrong with the answer to a write.
func (f *faulty) judge(err error) error {
	switch {
	case err == nil, isOf(err, cairn.ErrConflict, cairn.ErrStreamDeleted):
		return nil
	case f.hit.Load() == nil || !errors.Is(err, f.err.Errno):
		return fmt.Errorf("a write fails with %w", err)
	case f.err.Errno == errFull.Errno && !isOf(err, cairn.ErrNoSpace, cairn.ErrFailed):
		return fmt.Errorf("a write does not say that there is no room: %w", err)
	}
	return nil
}

// reopen opens a store that works again, and writes to it.
func reopen(t *testing.T, fs vfs.FS, h *history) {
	t.Helper()
	s := open(t, "store", hurried(fs))
	check(t, s, h.now())
	checkKeys(t, s, h.now())
	made, later := uint64(1)<<60, &history{}
	later.write(t.Context(), s, newGenerator(1, &made), 5)
	check(t, s, later.now())
	if err := s.Close(); err != nil {
		t.Fatalf("Close says %v", err)
	}
	if report, err := disk.Verify(t.Context(), "store", &disk.VerifyOptions{FS: fs}); err != nil || report.TornBytes > 0 {
		t.Fatalf("%+v, %v", report, err)
	}
}

// isEmpty reports whether a batch only checks.
func isEmpty(b cairn.Batch) bool {
	return b.Key == "" && !slices.ContainsFunc(b.Writes, func(w cairn.Write) bool { return len(w.Events) > 0 || w.Delete != cairn.Keep })
}

func isOf(err error, any ...error) bool {
	return slices.ContainsFunc(any, func(e error) bool { return errors.Is(err, e) })
}
