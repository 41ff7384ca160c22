package filetarget

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// A disk is all that the target needs of a file system. Names are relative to its
// directory and have slashes.
type disk interface {
	Mkdir(name string) error            // no error if it is there; it is durable then
	Create(name string) (file, error)   // empties it if it is there
	Read(name string) ([]byte, error)   // all of it
	Rename(from, to string) error       // replaces what is there
	Remove(name string) error           // a file or an empty directory; no error if it is gone
	List(name string) ([]string, error) // names in a directory; those of directories end in a slash
	Sync(name string) error             // of a directory: what it lists is durable
	Lock(name string) (io.Closer, error)
}

// A file is written from the beginning to the end. What was written is durable
// after Sync.
type file interface {
	io.WriteCloser
	Sync() error
}

// ErrLocked is the error of opening a directory that is open already.
var ErrLocked = errors.New("filetarget: the directory is in use by another target; one process writes to a directory")

// ErrClosed is the error of using a target after Close.
var ErrClosed = errors.New("filetarget: the target is closed")

// A DiskError is an operation on a file that has failed.
type DiskError struct{ Err error }

// Error returns what the operating system said.
func (e *DiskError) Error() string { return "filetarget: " + e.Err.Error() }

// Unwrap returns the error of the operating system.
func (e *DiskError) Unwrap() error { return e.Err }

// failed makes an error a *DiskError.
func failed(err error) error {
	if err == nil {
		return nil
	}
	return &DiskError{err}
}

// Fault implements [projection.Ledger].
func (t *Target) Fault(err error) projection.Fault {
	var disk *DiskError
	switch {
	case errors.Is(err, ErrLocked), errors.Is(err, ErrClosed), errors.Is(err, cairn.ErrCorrupt), errors.Is(err, projection.ErrUnknown):
		return projection.FaultSetup
	case !errors.As(err, &disk):
		return projection.FaultEvent
	case errors.Is(err, fs.ErrPermission), errors.Is(err, fs.ErrNotExist):
		return projection.FaultSetup
	}
	return projection.FaultDown
}

// A folder is a directory of the operating system.
type folder string

func (f folder) path(name string) string { return filepath.Join(string(f), filepath.FromSlash(name)) }

func (f folder) Mkdir(name string) error { return makeDir(f.path(name)) }

// makeDir makes a directory and those above it, and makes durable what lists them.
func makeDir(dir string) error {
	above := folder(filepath.Dir(dir))
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		if err = above.Sync(""); errors.Is(err, fs.ErrPermission) {
			return nil // what we may not look into was not written by us
		}
		return err
	}
	if string(above) != dir {
		if err := makeDir(string(above)); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return above.Sync("")
}

func (f folder) Create(name string) (file, error) { return os.Create(f.path(name)) }

func (f folder) Read(name string) ([]byte, error) { return os.ReadFile(f.path(name)) }

func (f folder) Rename(from, to string) error { return os.Rename(f.path(from), f.path(to)) }

func (f folder) Remove(name string) error {
	if err := os.Remove(f.path(name)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (f folder) List(name string) (names []string, err error) {
	entries, err := os.ReadDir(f.path(name))
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name()+"/")
		} else {
			names = append(names, e.Name())
		}
	}
	return names, err
}

func (f folder) Sync(name string) error {
	if runtime.GOOS == "windows" {
		return nil // has no such thing: renaming is durable by itself
	}
	d, err := os.Open(f.path(name))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func (f folder) Lock(name string) (io.Closer, error) {
	lock, err := lockFile(f.path(name))
	if errors.Is(err, ErrLocked) {
		err = fmt.Errorf("%w (%s)", ErrLocked, string(f))
	}
	return lock, err
}
