package disk

import (
	"errors"
	"fmt"
	"slices"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// Plan continues the last segment unless it is full. A segment that holds
// nothing but keys is never full, because two that begin with the same position
// would have one name.
func (l *segments) Plan(end address, first cairn.Position, n int) address {
	ordinal, offset := split(end)
	switch least := l.least.Load(); {
	case offset == 0: // an empty log
	case ordinal < least:
		ordinal = least
	case offset > headerSize && offset+int64(n) > l.limit && first > l.begins(ordinal):
		ordinal++
	default:
		return end
	}
	l.planned = first
	return uint64(ordinal)<<32 | headerSize
}

// begins is the first position of a segment, which may only be planned.
func (l *segments) begins(ordinal uint32) cairn.Position {
	if s := l.segment(ordinal); s != nil {
		return s.first
	}
	return l.planned
}

// roll begins a new segment. Should that fail, or the first write to it, then
// it is tried again, and nothing is appended to the segment before it: the file
// may be there, and says what comes next.
func (l *segments) roll(ordinal uint32, first cairn.Position) error {
	l.least.Store(ordinal)
	s := &segment{ordinal: ordinal, first: first, path: l.join(logDir, segmentName(first))}
	f, err := l.fs.OpenReadWrite(s.path, writes)
	if err != nil {
		return err
	}
	if err := l.begin(f, s); err != nil {
		// An empty or half-begun file is no segment; recovery drops it, and the
		// next attempt overwrites it.
		return errors.Join(err, f.Close())
	}
	l.add(s, f)
	return nil
}

// begin writes the header and gives the file its length.
func (l *segments) begin(f vfs.File, s *segment) error {
	if _, err := f.WriteAt(s.header(l.id, uint32(l.used)), 0); err != nil {
		return err
	}
	if f.Fd() != vfs.InvalidFd {
		if _, err := f.WriteAt(zeros[:1], l.limit-1); err != nil {
			return err
		}
	}
	if l.noSync {
		return nil
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return l.directory.sync(l.join(logDir))
}

// add makes s, open for writing as f, the last segment. The file it replaces
// stays open for reading, until the ring closes it.
func (l *segments) add(s *segment, f vfs.File) {
	replaced := l.last()
	s.take(f)
	list := append(slices.Clone(l.all()), s)
	l.list.Store(&list)
	l.active, l.used, l.prepared = f, headerSize, 0
	if replaced != nil {
		l.ring.add(replaced)
	}
}

// resume opens the last segment for writing, at the end of the log.
func (l *segments) resume(end address) error {
	s := l.last()
	if s == nil {
		return nil
	}
	_, l.used = split(end)
	f, err := l.fs.OpenReadWrite(s.path, writes)
	if err != nil {
		return fmt.Errorf("disk: %w", err)
	}
	if err := errors.Join(l.ring.remove(s), s.check(f, l.id)); err != nil {
		return errors.Join(err, f.Close())
	}
	s.take(f)
	l.active, l.prepared = f, 0
	l.end.Store(end)
	return nil
}
