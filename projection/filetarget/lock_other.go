//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package filetarget

import (
	"errors"
	"io"
)

// lockFile fails: without a lock two processes would spoil each other's files.
func lockFile(string) (io.Closer, error) {
	return nil, errors.New("filetarget: no way to lock a file is known for this operating system")
}
