package index

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/cairndb/cairn"
)

// writes counts the operations that write, and fails one of them.
type writes struct {
	done, fail atomic.Int64
	with       error
}

func (w *writes) String() string { return "writes" }

func (w *writes) MaybeError(op errorfs.Op) error {
	if op.Kind.ReadOrWrite() == errorfs.OpIsRead || op.Kind == errorfs.OpFilePreallocate {
		return nil
	}
	if n := w.done.Add(1); n == w.fail.Load() {
		return &vfsError{op, w.with}
	}
	return nil
}

type vfsError struct {
	errorfs.Op
	err error
}

func (e *vfsError) Error() string { return "injected at " + e.Path + ": " + e.err.Error() }
func (e *vfsError) Unwrap() error { return e.err }

// A shortWrite writes half of what the operation that fails should.
type shortWrite struct {
	vfs.FS
	w *writes
}

func (fs shortWrite) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := fs.FS.Create(name, c)
	return shortFile{f, fs.w}, err
}

type shortFile struct {
	vfs.File
	w *writes
}

func (f shortFile) Write(p []byte) (int, error) {
	if err := f.w.MaybeError(errorfs.Op{Kind: errorfs.OpFileWrite}); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

// TestWriteFails lets one operation that writes fail, any of them in turn. The
// index must go on or say so, must not lose what it said was flushed, and must
// open again.
func TestWriteFails(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	pick := rand.New(rand.NewPCG(seed, 1))
	for name, wrap := range map[string]func(vfs.FS, *writes) vfs.FS{
		"at all":   func(fs vfs.FS, w *writes) vfs.FS { return errorfs.Wrap(fs, w) },
		"half way": func(fs vfs.FS, w *writes) vfs.FS { return shortWrite{fs, w} },
	} {
		every := new(writes)
		under := vfs.NewMem()
		scenario(t, under, wrap(under, every), rand.New(rand.NewPCG(seed, 0)))
		for _, with := range []error{syscall.ENOSPC, syscall.EIO} {
			for n := int64(1); n <= every.done.Load(); n += 1 + pick.Int64N(11) {
				one, under := &writes{with: with}, vfs.NewMem()
				one.fail.Store(n)
				if !scenario(t, under, wrap(under, one), rand.New(rand.NewPCG(seed, 0))) {
					t.Fatalf("when operation %d failed %s with %v", n, name, with)
				}
			}
		}
	}
}

// scenario works on an index whose file system fails, and opens it again on one
// that does not. It reports whether all was well.
func scenario(t *testing.T, fs, failing vfs.FS, r *rand.Rand) bool {
	past := map[cairn.Position]*model{0: newModel()}
	var flushed cairn.Position
	if x, err := Open(failing, "index", Options{Store: someStore}); err == nil {
		m := newModel()
		for range 2 * l0Compact { // so that there is a compaction
			b := x.NewBatch()
			m.grow(r, b)
			if err := x.Apply(b, m.at); err != nil {
				t.Errorf("apply: %v", err)
			}
			past[m.at.Position] = m.clone()
			if err := x.Flush(); err == nil {
				flushed = m.at.Position
			}
		}
		m.compare(t, x)
		if err := x.Close(); err == nil {
			flushed = m.at.Position
		}
	}
	recovered(t, fs, past, flushed)
	return !t.Failed()
}

// fullDisk fails what needs room while it is full.
type fullDisk struct{ full atomic.Bool }

func (d *fullDisk) String() string { return "full disk" }

func (d *fullDisk) MaybeError(op errorfs.Op) error {
	if d.full.Load() && (op.Kind == errorfs.OpFileWrite || op.Kind == errorfs.OpCreate) {
		return &vfsError{op, syscall.ENOSPC}
	}
	return nil
}

// bulk applies a large batch.
func bulk(x *Index, p cairn.Position) error {
	b := x.NewBatch()
	b.Revisions("bulk", cairn.Revision(p-1), places(p))
	b.Record("bulk", []byte(strings.Repeat("x", 4<<20)))
	return x.Apply(b, Checkpoint{Position: p})
}

// TestFullDisk fills the disk, and then makes room.
func TestFullDisk(t *testing.T) {
	var disk fullDisk
	fs := vfs.NewMem()
	reported := make(chan error, 1)
	x, err := Open(errorfs.Wrap(fs, &disk), "index", Options{Store: someStore, OnBackgroundError: func(err error) {
		select {
		case reported <- err:
		default:
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	disk.full.Store(true)
	p := cairn.Position(1)
	for err = nil; err == nil; p++ {
		if err = bulk(x, p); p > 100 {
			t.Fatal("400 MiB wait in memory")
		}
	}
	p-- // the one that was refused
	if !errors.Is(err, cairn.ErrNoSpace) || !errors.Is(<-reported, cairn.ErrNoSpace) {
		t.Fatalf("apply: %v", err)
	}
	if err := x.Flush(); !errors.Is(err, cairn.ErrNoSpace) {
		t.Errorf("flush: %v", err)
	}
	if got := x.Checkpoint().Position; got != p-1 {
		t.Errorf("checkpoint %d, want %d", got, p-1)
	}
	if r, _, ok, err := x.Last("bulk"); r != cairn.Revision(p-2) || !ok || err != nil {
		t.Errorf("last: %d %v %v", r, ok, err)
	}

	disk.full.Store(false)
	for err := x.Flush(); err != nil; err = x.Flush() { // an attempt may have been under way
		if !errors.Is(err, cairn.ErrNoSpace) {
			t.Fatal(err)
		}
	}
	if err := bulk(x, p); err != nil {
		t.Error(err)
	}
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	x = openTest(t, fs)
	if got := x.Checkpoint().Position; got != p {
		t.Errorf("checkpoint %d after all, want %d", got, p)
	}
}

// TestCloseOnFullDisk must end, and say what it could not do.
func TestCloseOnFullDisk(t *testing.T) {
	var disk fullDisk
	fs := vfs.NewMem()
	x, err := Open(errorfs.Wrap(fs, &disk), "index", Options{Store: someStore})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(bulk(x, 1), x.Flush()); err != nil {
		t.Fatal(err)
	}
	disk.full.Store(true)
	if err := bulk(x, 2); err != nil {
		t.Fatal(err)
	}
	if err := x.Close(); !errors.Is(err, cairn.ErrNoSpace) {
		t.Errorf("close: %v", err)
	}
	if got := openTest(t, fs).Checkpoint().Position; got != 1 {
		t.Errorf("checkpoint %d, want 1", got)
	}
}

// TestManifestWaits holds up a write of the manifest, which nothing may get
// past, and readers must not notice.
func TestManifestWaits(t *testing.T) {
	var failing atomic.Bool
	inject := errorfs.InjectorFunc(func(op errorfs.Op) error {
		if failing.Load() && strings.Contains(op.Path, "MANIFEST") && op.Kind == errorfs.OpFileSync {
			return &vfsError{op, syscall.EIO}
		}
		return nil
	})
	fs := vfs.NewMem()
	x, err := Open(errorfs.Wrap(fs, inject), "index", Options{Store: someStore, Logger: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	failing.Store(true)
	p := cairn.Position(1)
	for err = nil; err == nil; p++ {
		if err = bulk(x, p); p > 100 {
			t.Fatal("400 MiB wait in memory")
		}
	}
	if !errors.Is(err, syscall.EIO) {
		t.Errorf("apply: %v", err)
	}
	if err := x.Flush(); !errors.Is(err, syscall.EIO) {
		t.Errorf("flush: %v", err)
	}
	if _, _, ok, err := x.Last("bulk"); !ok || err != nil {
		t.Errorf("last: %v %v", ok, err)
	}
	if err := x.Close(); !errors.Is(err, syscall.EIO) {
		t.Errorf("close: %v", err)
	}
	openTest(t, fs)
}
