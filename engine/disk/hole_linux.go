package disk

import (
	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/sys/unix"
)

// nextData is the offset at or behind from at which a file has data, and so may
// have other bytes than zeros; end if it has none.
func nextData(f vfs.File, from, end int64) int64 {
	if f.Fd() == vfs.InvalidFd {
		return from
	}
	at, err := unix.Seek(int(f.Fd()), from, unix.SEEK_DATA)
	switch {
	case err == unix.ENXIO:
		return end
	case err != nil: // this file system does not say
		return from
	}
	return at
}
