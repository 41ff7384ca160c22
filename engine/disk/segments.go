package disk

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sort"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
)

// segments is the log in files. Only the last segment is written to.
//
// # Preparing ahead
//
// Syncing a write into blocks that were written before takes half the time of
// one that makes the file grow or fills a hole, because only data has to reach
// the disk. So a write may carry zeros behind its frames, which the next ones
// then overwrite: one write in many pays for the rest, in the same sync, and
// nothing runs beside the log to disturb it. A new file is given its full
// length at once, as a hole. Groups of largeGroup bytes or more gain too
// little to be worth writing every byte twice: while they are usual, none carries
// zeros.
type segments struct {
	directory
	id     cairn.ID
	limit  int64 // from which size on a segment is not continued
	noSync bool

	list  atomic.Pointer[[]*segment] // by ordinal; replaced when one is added
	least atomic.Uint32              // the segment to append to: that it was to begin once is final

	end atomic.Uint64 // the address up to which the log can be read; zero, if nothing is appended

	planned cairn.Position // with which the segment planned last begins; the planning goroutine's

	// Of the last segment, and the appending goroutine's alone:
	active   vfs.File
	used     int64 // up to where frames have been written
	prepared int64 // up to where its blocks have been written
	usual    int   // bytes of a group, on average over the last ten or so
	failed   error
}

const (
	largeGroup   = 28 << 10  // bytes from which a write carries no zeros
	prepareSmall = 256 << 10 // bytes of zeros behind a small write
	prepareBig   = 512 << 10 // behind one of prepareFrom bytes or more
	prepareFrom  = 8 << 10
)

var zeros [prepareBig]byte

var _ log = (*segments)(nil)

// openSegments lists the segments. It opens none of them.
func openSegments(d directory, id cairn.ID, o *Options) (*segments, error) {
	names, err := d.fs.List(d.join(logDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &cairn.CorruptError{Path: d.join(logDir), Position: 1, Problem: "the directory of the log is missing", Hint: "restore it from a backup"}
	}
	if err != nil {
		return nil, fmt.Errorf("disk: %w", err)
	}
	var list []*segment
	for _, name := range names {
		if first, ok := parseSegmentName(name); ok {
			list = append(list, &segment{first: first, path: d.join(logDir, name)})
		}
	}
	slices.SortFunc(list, func(a, b *segment) int { return cmp.Compare(a.first, b.first) })
	for i, s := range list {
		s.ordinal = uint32(i)
	}
	l := &segments{directory: d, id: id, limit: o.SegmentSize, noSync: o.UnsafeNoSync}
	l.list.Store(&list)
	return l, nil
}

func (l *segments) all() []*segment { return *l.list.Load() }

func (l *segments) last() *segment {
	if all := l.all(); len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

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
// stays open for reading.
func (l *segments) add(s *segment, f vfs.File) {
	s.file = f
	list := append(slices.Clone(l.all()), s)
	l.list.Store(&list)
	l.active, l.used, l.prepared = f, headerSize, 0
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
	if err := errors.Join(s.close(), s.check(f, l.id)); err != nil {
		return errors.Join(err, f.Close())
	}
	s.file, l.active, l.prepared = f, f, 0
	l.end.Store(end)
	return nil
}

func (l *segments) segment(ordinal uint32) *segment {
	if all := l.all(); int(ordinal) < len(all) {
		return all[ordinal]
	}
	return nil
}

// Read reads nothing that is being written: a reader keeps what it has read
// ahead, and must not take it for what comes to be there.
func (l *segments) Read(at address, n int) ([]byte, error) {
	ordinal, offset := split(at)
	s := l.segment(ordinal)
	if s == nil {
		return nil, nil
	}
	if last, end := split(l.end.Load()); last == ordinal && end > 0 {
		n = int(min(int64(n), max(0, end-offset)))
	}
	return s.read(l.fs, l.id, offset, n)
}

func (l *segments) Event(at address, a *arena) ([]byte, error) {
	ordinal, offset := split(at)
	s := l.segment(ordinal)
	if s == nil {
		return nil, nil
	}
	if b, ok := copyEvent(s.memory(offset), a); ok {
		return b, nil
	}
	b, err := s.read(l.fs, l.id, offset, eventGuess)
	if err != nil {
		return nil, err
	}
	if n, ok := frame.Size(b); ok && n > len(b) {
		return s.read(l.fs, l.id, offset, n)
	}
	return b, nil
}

// eventGuess is how much to read to get most events at once.
const eventGuess = 1 << 10

func (l *segments) Next(at address) (address, cairn.Position, bool) {
	ordinal, _ := split(at)
	s := l.segment(ordinal + 1)
	if s == nil {
		return 0, 0, false
	}
	return s.at(headerSize), s.first, true
}

func (l *segments) Part(p cairn.Position) (address, cairn.Position, bool) {
	all := l.all()
	i := sort.Search(len(all), func(i int) bool { return all[i].first > p })
	if i == 0 {
		return 0, 0, false
	}
	return all[i-1].at(headerSize), all[i-1].first, true
}

func (l *segments) Where(at address) (string, int64) {
	ordinal, offset := split(at)
	if s := l.segment(ordinal); s != nil {
		return s.path, offset
	}
	return l.join(logDir), offset
}

func (l *segments) Close() error {
	var errs []error
	for _, s := range l.all() {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

// sizes are how many bytes of the segments are in use when the log ends at end,
// and how many the files take on the disk.
func (l *segments) sizes(end address) (used, disk int64, err error) {
	for _, s := range l.all() {
		info, err := l.fs.Stat(s.path)
		if err != nil {
			return 0, 0, fmt.Errorf("disk: %w", err)
		}
		disk += onDisk(info)
		if s.ordinal > 0 {
			n, err := s.previous(l.fs, l.id)
			if err != nil {
				return 0, 0, err
			}
			used += n
		}
	}
	_, last := split(end)
	return used + last, disk, nil
}
