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
//   - Anything else that cannot be written for want of room waits for room.
//   - Anything else that fails for another reason, or while it is synced, waits
//     for the index to be closed: after a failed sync nobody knows what is on
//     the disk. The index is then opened again from what is.
//
// While the index is opened, and from when it is closed, errors pass as they
// are. No wait happens under a lock that readers need: Pebble writes tables and
// manifests under none.
type patientFS struct {
	vfs.FS
	failed func(error) // told of a manifest's write that failed; nil: it went on
	free   chan struct{}

	armed    atomic.Bool
	mu       sync.Mutex
	failures int // of tables in a row
}

const (
	firstPause = 5 * time.Millisecond
	lastPause  = time.Second
)

func newPatientFS(fs vfs.FS, failed func(error)) *patientFS {
	return &patientFS{FS: fs, failed: failed, free: make(chan struct{})}
}

// arm begins to hold back errors, release ends it for good.
func (fs *patientFS) arm()     { fs.armed.Store(true) }
func (fs *patientFS) release() { fs.armed.Store(false); close(fs.free) }

func (fs *patientFS) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	table := isTable(name)
	var f vfs.File
	err := fs.retry(table, func() (err error) {
		f, err = fs.FS.Create(name, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &patientFile{File: f, fs: fs, table: table}, nil
}

func (fs *patientFS) OpenDir(name string) (vfs.File, error) {
	f, err := fs.FS.OpenDir(name)
	if err != nil {
		return nil, err
	}
	return &patientFile{File: f, fs: fs}, nil
}

func (fs *patientFS) Rename(old, name string) error {
	return fs.retry(isTable(name), func() error { return fs.FS.Rename(old, name) })
}

func isTable(name string) bool { return strings.HasSuffix(name, ".sst") }

// Unwrap lets Pebble find the file system underneath.
func (fs *patientFS) Unwrap() vfs.FS { return fs.FS }

// retry does op until it succeeds or its error is to be passed on.
func (fs *patientFS) retry(table bool, op func() error) error {
	err, held := op(), false
	for err != nil && fs.hold(table, err) {
		err, held = op(), true
	}
	if err == nil && held {
		fs.failed(nil)
	}
	return err
}

// hold waits as an error asks for, and reports whether to try again.
func (fs *patientFS) hold(table bool, err error) bool {
	if !fs.armed.Load() {
		return false
	}
	if table {
		fs.pause(fs.backoff())
		return false
	}
	fs.failed(err)
	if noSpace(err) {
		return fs.pause(lastPause / 4)
	}
	<-fs.free
	return false
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

// A patientFile is a file that is written, or a directory that is synced.
type patientFile struct {
	vfs.File
	fs    *patientFS
	table bool
}

// Write writes all of p, going on where a full disk stopped it.
func (f *patientFile) Write(p []byte) (int, error) {
	done := 0
	err := f.fs.retry(f.table, func() error {
		n, err := f.File.Write(p[done:])
		done += max(n, 0)
		if err == nil && done < len(p) {
			err = io.ErrShortWrite
		}
		return err
	})
	return done, err
}

func (f *patientFile) Sync() error     { return f.synced(f.File.Sync()) }
func (f *patientFile) SyncData() error { return f.synced(f.File.SyncData()) }

func (f *patientFile) SyncTo(length int64) (bool, error) {
	full, err := f.File.SyncTo(length)
	return full, f.synced(err)
}

// synced passes on what a sync said. A failed one is never tried again: the
// system may have forgotten the bytes that it could not write.
func (f *patientFile) synced(err error) error {
	if err == nil || !f.fs.armed.Load() {
		return err
	}
	if f.table {
		f.fs.hold(true, err)
		return err
	}
	f.fs.failed(err)
	<-f.fs.free
	return err
}
