package disk

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"sort"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
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

	ring ring          // the segments that are open, but for the one to append to
	end  atomic.Uint64 // the address up to which the log can be read; zero, if nothing is appended

	planned cairn.Position // with which the segment planned last begins; the planning goroutine's

	// Of the last segment, and the appending goroutine's alone:
	active   vfs.File
	used     int64 // up to where frames have been written
	prepared int64 // up to where its blocks have been written
	usual    int   // bytes of a group, on average over the last ten or so
	failed   error
}

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
	l.ring.limit = cmp.Or(o.openSegments, openSegmentsLimit)
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

func (l *segments) segment(ordinal uint32) *segment {
	if all := l.all(); int(ordinal) < len(all) {
		return all[ordinal]
	}
	return nil
}

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
