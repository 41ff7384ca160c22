//go:build unix

package disk

import (
	"runtime/debug"

	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/sys/unix"

	"github.com/cairndb/cairn/internal/frame"
)

// mapFile maps a file for reading. It returns nil if that cannot be done, for
// files in memory for one; they are then read by calls.
func mapFile(f vfs.File) []byte {
	info, err := f.Stat()
	if err != nil || f.Fd() == vfs.InvalidFd || info.Size() == 0 {
		return nil
	}
	b, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil
	}
	return b
}

func unmapFile(b []byte) error {
	if b == nil {
		return nil
	}
	return unix.Munmap(b)
}

// copyMapped copies bytes of a mapped file. ok is false if the system could not
// bring them from the disk; a call then finds out why.
func copyMapped(b []byte) (c []byte, ok bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			c, ok = nil, false
		}
	}()
	return append([]byte(nil), b...), true
}

// copyEvent copies the event that begins some bytes of a mapped file. ok is
// false if that has to be left to a call.
func copyEvent(b []byte, a *arena) (c []byte, ok bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if recover() != nil {
			c, ok = nil, false
		}
	}()
	n, ok := frame.Size(b)
	if !ok || n > len(b) {
		return nil, false
	}
	return a.copy(b[:n]), true
}
