package disk

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// lock makes this process the owner of the directory until the lock is closed.
func (d directory) lock() (io.Closer, error) {
	lock, err := d.fs.Lock(d.join(lockName))
	if err != nil && !isHeld(err) {
		return nil, fmt.Errorf("disk: cannot lock the store: %w", err)
	}
	if err != nil {
		return nil, &InUseError{Dir: d.path, PID: d.owner()}
	}
	d.setOwner()
	return lock, nil
}

// isHeld reports whether a lock was refused because somebody has it, and not
// because the file could not be made or locked at all. That this process has it
// is an error without a number.
func isHeld(err error) bool {
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return false
	}
	errno, ok := errors.AsType[syscall.Errno](err)
	return !ok || errno == syscall.EAGAIN || errno == syscall.EACCES
}

// owner is the process that locked the store last; zero if that is not known.
func (d directory) owner() int {
	f, err := d.fs.Open(d.join(ownerName))
	if err != nil {
		return 0
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, 32))
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

// setOwner leaves a note for whoever finds the store locked. Nothing depends on
// it, so it may fail.
func (d directory) setOwner() {
	f, err := d.fs.Create(d.join(ownerName), writes)
	if err != nil {
		return
	}
	_, _ = f.Write([]byte(strconv.Itoa(os.Getpid()) + "\n"))
	_ = f.Close()
}
