package index

import (
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Pebble retries a flush or a compaction that failed at once and for ever, and
// stops the process when it cannot write its manifest. Both happen in the
// background, on a disk that is merely full. So the files it writes go through
// this file system:
//
//   - A table that cannot be written fails, after a pause that doubles from one
//     failure to the next. Pebble deletes it and makes it anew.
//   - Anything else, which is the manifest and what points to it, waits for
//     room if there is none.
//   - If it fails for another reason, or while it is synced, it waits for the
//     index to be closed: after a failed sync nobody knows what is on the disk.
//     Pebble has no way back from there, so while it is closed it is told that
//     all went well, and the directory is frozen: nothing is removed, and
//     nothing but tables is written. What is there is what a crash would leave.
//
// While the index is opened, errors are passed on as they are. No wait happens
// under a lock that readers need: Pebble writes tables and manifests under none.
type patientFS struct {
	vfs.FS
	failed func(error) // told of a manifest's write that failed; nil: it went on

	phase  atomic.Int32
	free   chan struct{} // closed when the index is
	frozen atomic.Bool

	mu       sync.Mutex
	failures int // of tables in a row
}

// The phases of a patientFS.
const (
	opening int32 = iota
	opened
	closing
)

const (
	firstPause = 5 * time.Millisecond
	lastPause  = time.Second
	roomPause  = time.Second / 4
)

func newPatientFS(fs vfs.FS, failed func(error)) *patientFS {
	return &patientFS{FS: fs, failed: failed, free: make(chan struct{})}
}

// begin ends the first phase and release the second: it frees what waits.
func (fs *patientFS) begin()   { fs.phase.Store(opened) }
func (fs *patientFS) release() { fs.phase.Store(closing); close(fs.free) }

// Create creates a file. It is wrapped by what it is.
func (fs *patientFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	if strings.HasSuffix(name, ".sst") {
		f, err := fs.FS.Create(name, c)
		return &tableFile{f, fs}, fs.delay(err)
	}
	f := vfs.NewMemFile(nil) // for when the directory is frozen
	err := fs.insist(func() error {
		created, err := fs.FS.Create(name, c)
		if err == nil {
			f = created
		}
		return err
	})
	return &patientFile{f, fs}, err
}

func (fs *patientFS) OpenDir(name string) (vfs.File, error) {
	f, err := fs.FS.OpenDir(name)
	return &patientFile{f, fs}, err
}

func (fs *patientFS) Rename(old, name string) error {
	return fs.insist(func() error { return fs.FS.Rename(old, name) })
}

func (fs *patientFS) Remove(name string) error {
	if fs.frozen.Load() {
		return nil
	}
	return fs.FS.Remove(name)
}

// Unwrap lets Pebble find the file system underneath.
func (fs *patientFS) Unwrap() vfs.FS { return fs.FS }

// insist does op until it succeeds, or is not needed any more.
func (fs *patientFS) insist(op func() error) error {
	for waited := false; !fs.frozen.Load(); waited = true {
		err := op()
		switch {
		case err != nil && fs.phase.Load() == opening:
			return err
		case err == nil && waited:
			fs.failed(nil)
			return nil
		case err == nil:
			return nil
		}
		if fs.failed(err); !noSpace(err) || !fs.pause(roomPause) {
			fs.freeze()
		}
	}
	return nil
}

// freeze waits for the index to be closed and leaves the directory as it is.
func (fs *patientFS) freeze() {
	<-fs.free
	fs.frozen.Store(true)
}

// delay pauses before it passes on a table's error.
func (fs *patientFS) delay(err error) error {
	if err != nil && fs.phase.Load() == opened {
		fs.pause(fs.backoff())
	}
	return err
}

// pause waits, and reports whether the index is still open.
func (fs *patientFS) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-fs.free:
		return false
	}
}

func (fs *patientFS) backoff() time.Duration {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.failures++
	return min(firstPause<<min(fs.failures-1, 20), lastPause)
}

// tableWritten ends a row of failures.
func (fs *patientFS) tableWritten() {
	fs.mu.Lock()
	fs.failures = 0
	fs.mu.Unlock()
}

// A tableFile is a table that is written.
type tableFile struct {
	vfs.File
	fs *patientFS
}

func (f *tableFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	return n, f.fs.delay(err)
}

func (f *tableFile) Sync() error     { return f.fs.delay(f.File.Sync()) }
func (f *tableFile) SyncData() error { return f.fs.delay(f.File.SyncData()) }

func (f *tableFile) SyncTo(length int64) (bool, error) {
	full, err := f.File.SyncTo(length)
	return full, f.fs.delay(err)
}

// A patientFile is any other file that is written, or a directory that is
// synced.
type patientFile struct {
	vfs.File
	fs *patientFS
}

// Write writes all of p, going on where a full disk stopped it.
func (f *patientFile) Write(p []byte) (int, error) {
	done := 0
	err := f.fs.insist(func() error {
		n, err := f.File.Write(p[done:])
		if done += max(n, 0); err == nil && done < len(p) {
			return io.ErrShortWrite
		}
		return err
	})
	if err != nil {
		return done, err
	}
	return len(p), nil
}

func (f *patientFile) Sync() error     { return f.synced(f.File.Sync) }
func (f *patientFile) SyncData() error { return f.synced(f.File.SyncData) }

func (f *patientFile) SyncTo(length int64) (full bool, err error) {
	err = f.synced(func() error {
		full, err = f.File.SyncTo(length)
		return err
	})
	return full, err
}

// synced syncs. A sync that failed is never tried again: the system may have
// forgotten the bytes that it could not write.
func (f *patientFile) synced(sync func() error) error {
	if f.fs.frozen.Load() {
		return nil
	}
	err := sync()
	if err == nil || f.fs.phase.Load() == opening {
		return err
	}
	f.fs.failed(err)
	f.fs.freeze()
	return nil
}
