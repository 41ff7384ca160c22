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
	unsure := unsynced{}
	for {
		p, err := r.next()
		if err != nil {
			return err
		}
		if p == nil {
			break
		}
		unsure = append(unsure, p)
		s.enter(unsure.known(r.acked))
	}
	s.end = r.scan.at
	s.head.set(r.last)
	if err := s.mend(r.last, s.end != c.Address, unsure.from(segs.last())); err != nil {
		return err
	}
	s.enter(unsure)
	return nil
}

// enter has the indexer take in what is durable.
func (s *Store) enter(durable []*part) {
	for _, p := range durable {
		s.indexer.enter(p)
		s.indexer.turn(false)
	}
}

// mend erases what is behind the last whole frame, of position last, and makes
// what was found from unsure on durable, unless nothing was found.
func (s *Store) mend(last cairn.Position, found bool, unsure address) error {
	torn, err := s.torn(s.end, last)
	if err != nil || s.opts.ReadOnly {
		return err
	}
	if err := s.segments.resume(s.end); err != nil {
		return err
	}
	if torn > 0 {
		s.logger.Warn("dropping a write that a crash cut off; it was not acknowledged", "position", last+1, "bytes", torn)
		_, offset := split(s.end)
		if err := s.segments.erase(offset, torn); err != nil {
			return fmt.Errorf("disk: %w", err)
		}
	}
	if !found {
		return nil // all of it was durable when the index took it in
	}
	return s.segments.settle(unsure, s.end)
}

// unsynced are the parts at the end of the log that no later one knows to be
// durable.
type unsynced []*part

// known removes those that are durable when acked is.
func (u *unsynced) known(acked cairn.Position) (durable []*part) {
	n := 0
	for n < len(*u) && (*u)[n].first <= acked {
		n++
	}
	durable, *u = (*u)[:n], (*u)[n:]
	return durable
}

// from is where they begin in the last segment; none is written before all of
// the segment before is durable.
func (u *unsynced) from(last *segment) address {
	for _, p := range *u {
		if last != nil && p.at >= last.at(headerSize) {
			return p.at
		}
	}
	return newestAddress
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
		Hint:    restore + "; to go on without what is lost, delete the " + indexDir + " directory",
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

// rest reads the last segment from the end of the log on. It is nil if there is
// nothing but zeros, most of which need not be read: they are a hole.
func (s *Store) rest(end address) ([]byte, error) {
	ordinal, offset := split(end)
	blank, size, err := s.segments.blank(ordinal, offset)
	if blank || err != nil {
		return nil, err
	}
	return s.log.Read(end, int(size-offset))
}

// restBlock is how much to read at once of what is most likely zeros.
const restBlock = 256 << 10

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

func isCorrupt(err error) bool { return errors.Is(err, cairn.ErrCorrupt) }
