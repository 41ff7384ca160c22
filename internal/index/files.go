package index

import (
	"cmp"
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
//     the disk. Nothing more of its kind is written then, for Pebble would
//     take what it has not heard of for not done, and do it twice. The index
//     is opened again from what is there.
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
	failures int   // of tables in a row
	broken   error // why nothing but tables is written any more
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
	err, held := fs.passed(table), false
	if err == nil {
		err = op()
	}
	for err != nil && fs.hold(table, err) {
		err, held = op(), true
	}
	if err == nil && held {
		fs.failed(nil)
	}
	return err
}

// passed returns the error after which nothing of the kind is written.
func (fs *patientFS) passed(table bool) error {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if table {
		return nil
	}
	return fs.broken
}

// hold waits as an error asks for, and reports whether to try again.
func (fs *patientFS) hold(table bool, err error) bool {
	switch {
	case table && fs.armed.Load():
		fs.pause(fs.backoff())
		return false
	case table:
		return false
	case noSpace(err) && fs.armed.Load():
		fs.failed(err)
		if fs.pause(lastPause / 4) {
			return true
		}
	}
	fs.giveUp(err)
	return false
}

// giveUp waits for the index to be closed, and fails all that follows.
func (fs *patientFS) giveUp(err error) {
	if fs.armed.Load() {
		fs.failed(err)
		<-fs.free
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.broken = cmp.Or(fs.broken, err)
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
	if err := f.fs.passed(f.table); err != nil {
		return err
	}
	err := sync()
	switch {
	case err != nil && f.table:
		f.fs.hold(true, err)
	case err != nil:
		f.fs.giveUp(err)
	}
	return err
}
