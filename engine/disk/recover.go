package disk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
	"github.com/cairndb/cairn/internal/index"
)

// recover finds the end of the log and brings the index up to it. It reads the
// log from where the index was last made durable.
func (s *Store) recover() error {
	segs := s.segments
	if err := segs.dropUnbegun(s.opts.ReadOnly); err != nil {
		return err
	}
	c := s.index.Checkpoint()
	if err := s.reaches(c); err != nil {
		return err
	}
	r := s.replayer(c)
	for {
		p, err := r.next()
		if err != nil {
			return err
		}
		if p == nil {
			break
		}
		s.indexer.enter(p)
		s.indexer.turn(false)
	}
	s.end = r.scan.at
	s.head.set(r.last)
	torn, err := s.torn(s.end, r.last)
	if err != nil || s.opts.ReadOnly {
		return err
	}
	if err := segs.resume(s.end); err != nil {
		return err
	}
	if torn == 0 {
		return nil
	}
	s.logger.Warn("dropping a write that a crash cut off; it was not acknowledged", "position", r.last+1, "bytes", torn)
	_, offset := split(s.end)
	return segs.erase(offset, torn)
}

// reaches checks that the log holds what the index was fed from it.
func (s *Store) reaches(c index.Checkpoint) error {
	if c.Position == 0 {
		return nil
	}
	at, err := s.locate(c.Position)
	if err != nil {
		return err
	}
	r := s.replayer(index.Checkpoint{Position: at.Position - 1, Address: at.Address})
	for r.scan.at != c.Address {
		p, err := r.next()
		if err != nil {
			return err
		}
		if p == nil || r.last > c.Position {
			return s.lost(r, c)
		}
	}
	if r.last != c.Position {
		return s.lost(r, c)
	}
	return nil
}

func (s *Store) lost(r *replayer, c index.Checkpoint) error {
	path, offset := s.log.Where(r.scan.at)
	return &cairn.CorruptError{
		Path: path, Offset: offset, Position: r.last + 1,
		Problem: fmt.Sprintf("the log ends or is damaged here, but held events up to position %d, which were acknowledged", c.Position),
		Hint:    "restore the file from a backup; to go on without what is lost, delete the " + indexDir + " directory",
	}
}

// torn is how many bytes behind the end of the log are not zero: what a crash
// left of a write. Such bytes may hold whole frames, if the disk wrote the end
// of a group before its beginning. But if one of them knows that what should be
// here was durable, then this is no torn write but damage.
func (s *Store) torn(end address, last cairn.Position) (n int64, err error) {
	if end == 0 {
		return 0, nil
	}
	rest, err := s.rest(end)
	if err != nil {
		return 0, err
	}
	rest = bytes.TrimRight(rest, "\x00")
	if acked := s.acked(rest); acked > last {
		return 0, s.corrupt(end, last+1, fmt.Sprintf("the frame here is damaged, and the log goes on behind it: position %d was acknowledged", acked))
	}
	return int64(len(rest)), nil
}

// rest reads the last segment from the end of the log on.
func (s *Store) rest(end address) ([]byte, error) {
	_, offset := split(end)
	f, err := s.segments.last().open(s.dir.fs, s.ID)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("disk: %w", err)
	}
	return s.log.Read(end, int(max(0, info.Size()-offset)))
}

// acked is the highest position that a whole frame among the bytes knows to be
// durable.
func (s *Store) acked(b []byte) (highest cairn.Position) {
	epoch := binary.LittleEndian.AppendUint32(nil, s.epoch)
	for from := 8; from < len(b); {
		i := bytes.Index(b[from:], epoch)
		if i < 0 {
			break
		}
		start := from + i - 8
		if h, _, err := frame.Open(b[start:], s.epoch); err == nil {
			highest = max(highest, h.Acked)
		}
		from += i + 1
	}
	return highest
}

// dropUnbegun removes a last segment that was being begun when the process
// stopped: no frame can be in it.
func (l *segments) dropUnbegun(readOnly bool) error {
	s := l.last()
	if s == nil {
		return nil
	}
	_, err := s.open(l.fs, l.id)
	if err == nil || !isCorrupt(err) {
		return err
	}
	f, openErr := l.fs.Open(s.path)
	if openErr != nil {
		return errors.Join(err, openErr)
	}
	b := make([]byte, headerSize+frame.FixedSize)
	n, _ := f.ReadAt(b, 0)
	_ = f.Close() // opened for reading only
	if len(bytes.Trim(b[min(n, headerSize):n], "\x00")) > 0 {
		return err
	}
	list := l.all()[:s.ordinal]
	l.list.Store(&list)
	if readOnly {
		return nil
	}
	return errors.Join(l.fs.Remove(s.path), l.directory.sync(l.join(logDir)))
}

func isCorrupt(err error) bool { return errors.Is(err, cairn.ErrCorrupt) }
