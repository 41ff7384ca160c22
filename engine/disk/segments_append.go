package disk

import (
	"bytes"
	"errors"
	"io"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

const (
	largeGroup   = 28 << 10  // bytes from which a write carries no zeros
	prepareSmall = 256 << 10 // bytes of zeros behind a small write
	prepareBig   = 512 << 10 // behind one of prepareFrom bytes or more
	prepareFrom  = 8 << 10
)

var zeros [prepareBig]byte

// Append writes and syncs. The log is as it was after an error in writing,
// because what was written is erased again; when that fails too, or after a
// failed sync, nobody can say what a reader would find after a crash.
func (l *segments) Append(at address, first cairn.Position, frames []byte) error {
	if l.failed != nil {
		return l.failed
	}
	ordinal, offset := split(at)
	if s := l.last(); s == nil || s.ordinal != ordinal {
		if err := l.roll(ordinal, first); err != nil {
			return refused(err)
		}
	}
	if err := l.write(frames, offset); err != nil {
		if erased := l.erase(offset, int64(len(frames))); erased != nil {
			return l.fail(errors.Join(err, erased))
		}
		return refused(err)
	}
	if err := l.sync(l.active); err != nil {
		return l.fail(err)
	}
	l.used = offset + int64(len(frames))
	l.end.Store(at + uint64(len(frames)))
	return nil
}

func (l *segments) write(frames []byte, offset int64) error {
	if _, err := l.active.WriteAt(frames, offset); err != nil {
		return err
	}
	end := offset + int64(len(frames))
	l.usual = (7*l.usual + len(frames)) / 8
	if end > l.prepared && max(l.usual, len(frames)) < largeGroup && l.prepares() {
		l.prepare(end, len(frames))
	}
	return nil
}

// prepare writes zeros behind a write of n bytes. It is no loss if that fails.
func (l *segments) prepare(end int64, n int) {
	ahead := int64(prepareSmall)
	if n >= prepareFrom {
		ahead = prepareBig
	}
	ahead = min(ahead, l.limit-end)
	if ahead <= 0 {
		return
	}
	if _, err := l.active.WriteAt(zeros[:ahead], end); err == nil {
		l.prepared = end + ahead
	}
}

// prepares reports whether there are blocks to prepare: memory has none.
func (l *segments) prepares() bool { return l.active.Fd() != vfs.InvalidFd }

// erase overwrites what a failed write may have left with zeros. How much that
// is nobody says: os.File counts nothing of a write that failed halfway. What is
// there has blocks already, so overwriting it takes no space; where there is no
// room the write had none either.
func (l *segments) erase(offset, n int64) error {
	info, err := l.active.Stat()
	if err != nil {
		return err
	}
	end := min(offset+n, info.Size())
	for at := offset; at < end; {
		next := min(end, (at/pageSize+1)*pageSize)
		if _, err := l.active.WriteAt(zeros[:next-at], at); isNoSpace(err) {
			if err := l.isBlank(at, end, err); err != nil {
				return err
			}
			break
		} else if err != nil {
			return err
		}
		at = next
	}
	return l.sync(l.active)
}

// pageSize is in how large pieces space is given to files, or a part of that.
const pageSize = 4 << 10

// isBlank returns failed unless there is nothing but zeros from an offset on.
func (l *segments) isBlank(offset, end int64, failed error) error {
	b := make([]byte, end-offset)
	n, err := l.active.ReadAt(b, offset)
	if err != nil && err != io.EOF {
		return errors.Join(failed, err)
	}
	if len(bytes.TrimLeft(b[:n], "\x00")) > 0 {
		return failed
	}
	return nil
}

func (l *segments) sync(f vfs.File) error {
	if l.noSync {
		return nil
	}
	return f.SyncData()
}

// fail makes err the answer to every further append.
func (l *segments) fail(err error) error {
	l.failed = &FailedError{Err: err}
	return &FailedError{Err: err, Unknown: true}
}
