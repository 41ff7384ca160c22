package disk_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// A probe is a file system that is told of everything that happens on it, and
// can have any of it fail.
type probe struct {
	vfs.FS

	// before may return an error for an operation to fail with. A write that
	// fails with errShort or errFullShort has written half of its bytes.
	before func(operation) error
	// after is called when a change succeeded.
	after func(operation)
}

// An operation is one call of a file system, or of a file.
type operation struct {
	verb string
	path string
}

func (o operation) String() string { return o.verb + " " + o.path }

// inLog reports whether the operation is on a segment or their directory.
func (o operation) inLog() bool { return strings.Contains(o.path, "/log") }

// changes reports whether the operation changes anything.
func (o operation) changes() bool {
	switch o.verb {
	case "open", "open directory", "list", "stat", "read", "read at", "close":
		return false
	}
	return true
}

// fails is an error of the disk.
type fails struct {
	syscall.Errno
	short bool
}

// Unwrap gives the system's error, which is what the engine looks for.
func (f fails) Unwrap() error { return f.Errno }

var (
	errBroken    = fails{Errno: syscall.EIO}
	errFull      = fails{Errno: syscall.ENOSPC}
	errShort     = fails{Errno: syscall.EIO, short: true}
	errFullShort = fails{Errno: syscall.ENOSPC, short: true}
)

func (p *probe) do(verb, path string, op func() error) error {
	o := operation{verb, path}
	if p.before != nil {
		if err := p.before(o); err != nil {
			return err
		}
	}
	if err := op(); err != nil {
		return err
	}
	if p.after != nil && o.changes() {
		p.after(o)
	}
	return nil
}

func (p *probe) open(verb, path string, open func() (vfs.File, error)) (vfs.File, error) {
	var f vfs.File
	err := p.do(verb, path, func() (err error) {
		f, err = open()
		return err
	})
	if err != nil {
		return nil, err
	}
	return &probeFile{File: f, probe: p, path: path}, nil
}

func (p *probe) Create(path string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return p.open("create", path, func() (vfs.File, error) { return p.FS.Create(path, c) })
}

func (p *probe) Open(path string, _ ...vfs.OpenOption) (vfs.File, error) {
	return p.open("open", path, func() (vfs.File, error) { return p.FS.Open(path) })
}

func (p *probe) OpenReadWrite(path string, c vfs.DiskWriteCategory, _ ...vfs.OpenOption) (vfs.File, error) {
	return p.open("open for writing", path, func() (vfs.File, error) { return p.FS.OpenReadWrite(path, c) })
}

func (p *probe) OpenDir(path string) (vfs.File, error) {
	return p.open("open directory", path, func() (vfs.File, error) { return p.FS.OpenDir(path) })
}

func (p *probe) ReuseForWrite(from, to string, c vfs.DiskWriteCategory) (vfs.File, error) {
	return p.open("reuse", to, func() (vfs.File, error) { return p.FS.ReuseForWrite(from, to, c) })
}

func (p *probe) Link(from, to string) error {
	return p.do("link", to, func() error { return p.FS.Link(from, to) })
}

func (p *probe) Remove(path string) error {
	return p.do("remove", path, func() error { return p.FS.Remove(path) })
}

func (p *probe) RemoveAll(path string) error {
	return p.do("remove all", path, func() error { return p.FS.RemoveAll(path) })
}

func (p *probe) Rename(from, to string) error {
	return p.do("rename", to, func() error { return p.FS.Rename(from, to) })
}

func (p *probe) MkdirAll(path string, mode os.FileMode) error {
	return p.do("make directory", path, func() error { return p.FS.MkdirAll(path, mode) })
}

func (p *probe) Lock(path string) (c io.Closer, err error) {
	err = p.do("lock", path, func() (err error) {
		c, err = p.FS.Lock(path)
		return err
	})
	return c, err
}

func (p *probe) List(path string) (names []string, err error) {
	err = p.do("list", path, func() (err error) {
		names, err = p.FS.List(path)
		return err
	})
	return names, err
}

func (p *probe) Stat(path string) (info vfs.FileInfo, err error) {
	err = p.do("stat", path, func() (err error) {
		info, err = p.FS.Stat(path)
		return err
	})
	return info, err
}

func (p *probe) Unwrap() vfs.FS { return p.FS }

// A probeFile is a file of a probe. Segments say that they are real files,
// which has the engine prepare blocks in them.
type probeFile struct {
	vfs.File
	probe *probe
	path  string
}

func (f *probeFile) do(verb string, op func() error) error { return f.probe.do(verb, f.path, op) }

func (f *probeFile) Fd() uintptr {
	if strings.HasSuffix(f.path, ".seg") {
		return vfs.InvalidFd - 1
	}
	return f.File.Fd()
}

func (f *probeFile) transfer(verb string, b []byte, op func([]byte) (int, error)) (n int, err error) {
	err = f.do(verb, func() (err error) {
		n, err = op(b)
		return err
	})
	if fault, ok := err.(fails); ok && fault.short && n == 0 {
		n, _ = op(b[:len(b)/2])
	}
	return n, err
}

func (f *probeFile) Write(b []byte) (int, error) { return f.transfer("write", b, f.File.Write) }
func (f *probeFile) Read(b []byte) (int, error)  { return f.transfer("read", b, f.File.Read) }

func (f *probeFile) WriteAt(b []byte, at int64) (int, error) {
	return f.transfer("write at", b, func(b []byte) (int, error) { return f.File.WriteAt(b, at) })
}

func (f *probeFile) ReadAt(b []byte, at int64) (int, error) {
	return f.transfer("read at", b, func(b []byte) (int, error) { return f.File.ReadAt(b, at) })
}

func (f *probeFile) Sync() error     { return f.do("sync", f.File.Sync) }
func (f *probeFile) SyncData() error { return f.do("sync", f.File.SyncData) }

func (f *probeFile) SyncTo(n int64) (full bool, err error) {
	err = f.do("sync", func() (err error) {
		full, err = f.File.SyncTo(n)
		return err
	})
	return full, err
}

func (f *probeFile) Preallocate(at, n int64) error {
	return f.do("preallocate", func() error { return f.File.Preallocate(at, n) })
}

func (f *probeFile) Stat() (info vfs.FileInfo, err error) {
	err = f.do("stat", func() (err error) {
		info, err = f.File.Stat()
		return err
	})
	return info, err
}

// Close closes the file, whatever else happens.
func (f *probeFile) Close() error {
	err := f.do("close", func() error { return nil })
	return errors.Join(f.File.Close(), err)
}
