package index

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/cairndb/cairn"
)

// stored makes an index of one stream of a thousand events, and closes it.
func stored(t *testing.T) (*vfs.MemFS, Checkpoint) {
	t.Helper()
	fs := vfs.NewMem()
	x := openTest(t, fs)
	var at []cairn.Position
	for p := range cairn.Position(1000) {
		at = append(at, p+1)
	}
	c := Checkpoint{Position: 1000, Address: 5, Streams: 1}
	b := x.NewBatch()
	b.Revisions("s", 0, places(at...))
	b.Places(Term{Tag, "t"}, places(at...))
	b.Record("s", make([]byte, 20<<10)) // so that what Open reads is in another block
	apply(t, x, b, c)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	return fs, c
}

func TestReopen(t *testing.T) {
	fs, want := stored(t)
	x := openTest(t, fs)
	if got := x.Checkpoint(); got != want {
		t.Errorf("checkpoint %+v, want %+v", got, want)
	}
	if n := len(positions(x.Cursor(Term{Tag, "t"}, true))); n != 1000 {
		t.Errorf("%d places, want 1000", n)
	}
	if x.Size() < 1000 {
		t.Errorf("size %d", x.Size())
	}
}

func TestStartsAnew(t *testing.T) {
	for name, spoil := range map[string]func(*testing.T, vfs.FS){
		"another store":  func(t *testing.T, fs vfs.FS) { change(t, fs, identityKey, append([]byte{format}, make([]byte, 16)...)) },
		"older format":   func(t *testing.T, fs vfs.FS) { change(t, fs, identityKey, append([]byte{2}, someStore[:]...)) },
		"oldest format":  func(t *testing.T, fs vfs.FS) { change(t, fs, identityKey, append([]byte{1}, someStore[:]...)) },
		"no format":      func(t *testing.T, fs vfs.FS) { change(t, fs, identityKey, nil) },
		"newer format":   func(t *testing.T, fs vfs.FS) { change(t, fs, identityKey, append([]byte{format + 1}, someStore[:]...)) },
		"bad checkpoint": func(t *testing.T, fs vfs.FS) { change(t, fs, checkpointKey, []byte{1}) },
		"no manifest":    func(t *testing.T, fs vfs.FS) { removeLike(t, fs, "MANIFEST") },
		"no table":       func(t *testing.T, fs vfs.FS) { removeLike(t, fs, ".sst") },
		"found damaged":  func(t *testing.T, fs vfs.FS) { write(t, fs, damagedFile, nil) },
		"cut manifest":   func(t *testing.T, fs vfs.FS) { rewriteLike(t, fs, "MANIFEST", func(b []byte) []byte { return b[:20] }) },
		"not a database": func(t *testing.T, fs vfs.FS) {
			rewriteLike(t, fs, "MANIFEST", func(b []byte) []byte { return []byte("hello") })
		},
	} {
		for _, readOnly := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				fs, _ := stored(t)
				spoil(t, fs)
				x, err := Open(fs, "index", Options{Store: someStore, ReadOnly: readOnly, Logger: testLog(t)})
				if err != nil {
					t.Fatal(err)
				}
				defer x.Close()
				if c := x.Checkpoint(); c != (Checkpoint{}) {
					t.Errorf("checkpoint %+v", c)
				}
				if _, _, ok, err := x.Last("s"); ok || err != nil {
					t.Errorf("last: %v %v", ok, err)
				}
				if err := bulk(x, 1); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func change(t *testing.T, fs vfs.FS, key string, value []byte) {
	t.Helper()
	x := openTest(t, fs)
	x.writer.pending++
	if err := errors.Join(x.db.Set([]byte(key), value, pebble.NoSync), x.Close()); err != nil {
		t.Fatal(err)
	}
}

func like(t *testing.T, fs vfs.FS, part string) (paths []string) {
	t.Helper()
	names, err := fs.List("index")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.Contains(name, part) && !strings.HasPrefix(name, "marker") {
			paths = append(paths, fs.PathJoin("index", name))
		}
	}
	return paths
}

func removeLike(t *testing.T, fs vfs.FS, part string) {
	t.Helper()
	for _, path := range like(t, fs, part) {
		if err := fs.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

func rewriteLike(t *testing.T, fs vfs.FS, part string, f func([]byte) []byte) {
	t.Helper()
	for _, path := range like(t, fs, part) {
		write(t, fs, fs.PathBase(path), f(content(t, fs, path)))
	}
}

func content(t *testing.T, fs vfs.FS, path string) []byte {
	t.Helper()
	f, err := fs.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t *testing.T, fs vfs.FS, name string, b []byte) {
	t.Helper()
	f, err := fs.Create(fs.PathJoin("index", name), vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestFlippedBytes flips bytes of every file. What is read is then right, or
// refused with a hint, or gone.
func TestFlippedBytes(t *testing.T) {
	reference, want := stored(t)
	refused := 0
	for _, path := range like(t, reference, "") {
		size := len(content(t, reference, path))
		for at := 0; at < size; at += max(1, size/40) {
			fs, _ := stored(t)
			whole := content(t, fs, path)
			whole[at] ^= 0x40
			write(t, fs, fs.PathBase(path), whole)
			x, err := Open(fs, "index", Options{Store: someStore})
			if err != nil {
				t.Errorf("byte %d of %s: %v", at, path, err)
				continue
			}
			c := x.Cursor(Term{Stream, "s"}, false)
			n := 0
			for p, ok := c.Next(); ok; p, ok = c.Next() {
				if n++; p != (Place{cairn.Position(n), uint64(n) * 100}) {
					t.Fatalf("byte %d of %s: place %d is %+v", at, path, n, p)
				}
			}
			damage, ok := errors.AsType[*cairn.CorruptError](c.Err())
			switch {
			case ok && damage.Hint != "" && damage.Path == path && damage.Offset <= int64(at):
				refused++
			case c.Err() != nil:
				t.Errorf("byte %d of %s: %v", at, path, c.Err())
			case n != 1000 && x.Checkpoint() == want:
				t.Errorf("byte %d of %s: %d places", at, path, n)
			}
			c.Close()
			x.Close()
			if ok && openTest(t, fs).Checkpoint() != (Checkpoint{}) {
				t.Errorf("byte %d of %s: damage was found, and forgotten", at, path)
			}
		}
	}
	if refused == 0 {
		t.Error("no damage was reported to a reader")
	}
}

// TestReadOnly indexes beyond the checkpoint and leaves the directory alone.
func TestReadOnly(t *testing.T) {
	fs, c := stored(t)
	before := files(t, fs)
	frozen := errorfs.Wrap(fs, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite {
			t.Errorf("%v of %s", op.Kind, op.Path)
		}
		return nil
	}))
	x, err := Open(frozen, "index", Options{Store: someStore, ReadOnly: true, Logger: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	if got := x.Checkpoint(); got != c {
		t.Errorf("checkpoint %+v, want %+v", got, c)
	}
	for p := range cairn.Position(40) { // more than is kept unflushed
		if err := bulk(x, 1001+p); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(positions(x.Cursor(Term{Stream, "bulk"}, false))); n != 40 {
		t.Errorf("%d places of what was applied, want 40", n)
	}
	if n := len(positions(x.Cursor(Term{Stream, "s"}, false))); n != 1000 {
		t.Errorf("%d places of what was stored, want 1000", n)
	}
	if err := errors.Join(x.Flush(), x.Close()); err != nil {
		t.Error(err)
	}
	for path, b := range files(t, fs) {
		if !bytes.Equal(b, before[path]) {
			t.Errorf("%s is not what it was", path)
		}
	}
	if n := len(files(t, fs)); n != len(before) {
		t.Errorf("%d files, were %d", n, len(before))
	}
}

func files(t *testing.T, fs vfs.FS) map[string][]byte {
	all := map[string][]byte{}
	for _, path := range like(t, fs, "") {
		all[path] = content(t, fs, path)
	}
	return all
}

func TestOverlayHides(t *testing.T) {
	below, _ := stored(t)
	fs, err := newOverlayFS(below, "index")
	if err != nil {
		t.Fatal(err)
	}
	table := like(t, below, ".sst")[0]
	write(t, fs, "new", []byte("n"))
	if err := fs.Remove(table); err != nil {
		t.Fatal(err)
	}
	if err := fs.Remove(table); err == nil {
		t.Error("removed twice")
	}
	if _, err := fs.Open(table); err == nil {
		t.Error("what was removed can be opened")
	}
	if got := like(t, fs, ".sst"); len(got) != 0 {
		t.Errorf("%v is listed", got)
	}
	if got := like(t, fs, "new"); len(got) != 1 || string(content(t, fs, got[0])) != "n" {
		t.Errorf("what was written is %v", got)
	}
	if len(like(t, below, "new")) != 0 || len(like(t, below, ".sst")) != 1 {
		t.Error("the directory below was written")
	}
}

func TestReadOnlyOfNothing(t *testing.T) {
	fs := vfs.NewMem()
	x, err := Open(fs, "index", Options{Store: someStore, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(bulk(x, 1), x.Close()); err != nil {
		t.Error(err)
	}
	if _, err := fs.Stat("index"); err == nil {
		t.Error("a directory was made")
	}
}

// TestOpenTwice must not take the first one's index for damaged.
func TestOpenTwice(t *testing.T) {
	fs := vfs.NewMem()
	x := openTest(t, fs)
	if err := errors.Join(bulk(x, 1), x.Flush()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(fs, "index", Options{Store: someStore}); err == nil {
		t.Fatal("opened twice")
	}
	if err := errors.Join(bulk(x, 2), x.Close()); err != nil {
		t.Error(err)
	}
	if got := openTest(t, fs).Checkpoint().Position; got != 2 {
		t.Errorf("checkpoint %d, want 2", got)
	}
}
