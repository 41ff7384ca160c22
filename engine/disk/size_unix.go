//go:build unix

package disk

import (
	"os"
	"syscall"
)

// onDisk is how many bytes a file takes on the disk: a file may have holes.
func onDisk(info os.FileInfo) int64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int64(s.Blocks) * 512 // POSIX counts blocks of 512 bytes here
	}
	return info.Size()
}
