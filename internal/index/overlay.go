package index

import (
	"io"
	"os"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// An overlayFS reads the files of a directory that must not be written, and
// keeps in memory what is written to it. A store that is opened for reading
// still has to index what the log has beyond the checkpoint; it does that here,
// for as long as it is open.
//
// Files are never changed once they are written, so a name is either in memory
// or, if it was not removed, below.
type overlayFS struct {
	vfs.FS            // below
	memory *vfs.MemFS // what was written
	dir    string

	mu     sync.Mutex
	hidden map[string]bool // paths below that were removed or replaced
}

func newOverlayFS(below vfs.FS, dir string) (*overlayFS, error) {
	fs := &overlayFS{FS: below, memory: vfs.NewMem(), dir: dir, hidden: make(map[string]bool)}
	return fs, fs.memory.MkdirAll(dir, 0o755)
}

func (fs *overlayFS) hide(name string) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.hidden[name] = true
}

func (fs *overlayFS) isHidden(name string) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.hidden[name]
}

// holder returns the file system that has a file.
func (fs *overlayFS) holder(name string) vfs.FS {
	if _, err := fs.memory.Stat(name); err == nil || fs.isHidden(name) {
		return fs.memory
	}
	return fs.FS
}

func (fs *overlayFS) Open(name string, o ...vfs.OpenOption) (vfs.File, error) {
	return fs.holder(name).Open(name, o...)
}

func (fs *overlayFS) Stat(name string) (vfs.FileInfo, error) { return fs.holder(name).Stat(name) }

func (fs *overlayFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	fs.hide(name)
	return fs.memory.Create(name, c)
}

func (fs *overlayFS) OpenDir(name string) (vfs.File, error) { return fs.memory.OpenDir(name) }

func (fs *overlayFS) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

func (fs *overlayFS) MkdirAll(string, os.FileMode) error { return nil }

func (fs *overlayFS) Remove(name string) error {
	if fs.holder(name) == vfs.FS(fs.memory) {
		return fs.memory.Remove(name)
	}
	if _, err := fs.FS.Stat(name); err != nil {
		return err
	}
	fs.hide(name)
	return nil
}

func (fs *overlayFS) Rename(old, name string) error {
	if fs.holder(old) != vfs.FS(fs.memory) {
		return errBelow("rename", old)
	}
	fs.hide(name)
	return fs.memory.Rename(old, name)
}

// List lists the directory, both layers of it.
func (fs *overlayFS) List(dir string) ([]string, error) {
	below, err := fs.FS.List(dir)
	if err != nil {
		return nil, err
	}
	names, err := fs.memory.List(dir)
	for _, name := range below {
		if !fs.isHidden(fs.PathJoin(dir, name)) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, err
}

// Pebble does none of the following to the files of an index without a
// write-ahead log.

func (fs *overlayFS) Link(old, _ string) error { return errBelow("link", old) }

func (fs *overlayFS) RemoveAll(name string) error { return errBelow("remove", name) }

func (fs *overlayFS) ReuseForWrite(old, _ string, _ vfs.DiskWriteCategory) (vfs.File, error) {
	return nil, errBelow("reuse", old)
}

func (fs *overlayFS) OpenReadWrite(name string, _ vfs.DiskWriteCategory, _ ...vfs.OpenOption) (vfs.File, error) {
	return nil, errBelow("open for writing", name)
}

func errBelow(op, name string) error {
	return &os.PathError{Op: op, Path: name, Err: os.ErrPermission}
}
