package disk

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/cockroachdb/pebble/v2/vfs"
)

const newestAddress address = 1<<64 - 1

// settle makes the end of the log durable before anybody sees it: the process
// that wrote it may have been stopped before it was. If a sync had failed, the
// system may believe that what it holds in memory is on the disk, which is why
// the bytes are written again.
func (l *segments) settle(from, end address) error {
	if l.noSync || l.active == nil {
		return nil
	}
	if from < end {
		b, err := l.Read(from, int(end-from))
		if err != nil {
			return err
		}
		_, offset := split(from)
		if _, err := l.active.WriteAt(b, offset); err != nil {
			return fmt.Errorf("disk: %w", err)
		}
	}
	if err := l.active.Sync(); err != nil {
		return fmt.Errorf("disk: sync %s: %w", l.last().path, err)
	}
	return l.directory.sync(l.join(logDir))
}

// blank is blankFrom for a segment.
func (l *segments) blank(ordinal uint32, offset int64) (blank bool, size int64, err error) {
	s := l.segment(ordinal)
	if err := l.pin(s); err != nil {
		return false, 0, err
	}
	defer s.unpin()
	return blankFrom(s.file, offset)
}

// blankFrom reports whether a file of that size has nothing but zeros from an
// offset on.
func blankFrom(f vfs.File, at int64) (blank bool, size int64, err error) {
	info, err := f.Stat()
	if err != nil {
		return false, 0, fmt.Errorf("disk: %w", err)
	}
	b, size := make([]byte, restBlock), info.Size()
	for at = nextData(f, at, size); at < size; at = nextData(f, at+restBlock, size) {
		n, err := f.ReadAt(b, at)
		if err != nil && err != io.EOF {
			return false, size, fmt.Errorf("disk: %w", err)
		}
		if len(bytes.Trim(b[:n], "\x00")) > 0 {
			return false, size, nil
		}
	}
	return true, size, nil
}

// dropUnbegun removes a last segment that was being begun when the process
// stopped: no frame can be in it.
func (l *segments) dropUnbegun(readOnly bool) error {
	s := l.last()
	if s == nil {
		return nil
	}
	err := l.pin(s)
	if err == nil {
		s.unpin()
		return nil
	}
	if !isCorrupt(err) {
		return err
	}
	f, openErr := l.fs.Open(s.path)
	if openErr != nil {
		return errors.Join(err, openErr)
	}
	blank, _, readErr := blankFrom(f, headerSize)
	_ = f.Close() // opened for reading only
	if !blank || readErr != nil {
		return errors.Join(err, readErr)
	}
	list := l.all()[:s.ordinal]
	l.list.Store(&list)
	if readOnly {
		return nil
	}
	return errors.Join(l.fs.Remove(s.path), l.directory.sync(l.join(logDir)))
}
