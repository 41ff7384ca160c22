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

func (v *verifier) problem(err error) { v.report.Problems = append(v.report.Problems, err) }

// damage notes damage to the log at an address.
func (v *verifier) damage(at address, p cairn.Position, problem string) {
	path, offset := v.store.log.Where(at)
	v.problem(&cairn.CorruptError{Path: path, Offset: offset, Position: p, Problem: problem, Hint: restore})
}

// log reads the segments one after the other.
func (v *verifier) log() error {
	all := v.store.segments.all()
	v.report.Segments = len(all)
	for _, s := range all {
		info, err := v.store.dir.fs.Stat(s.path)
		if err != nil {
			return fmt.Errorf("disk: %w", err)
		}
		v.total += info.Size()
		if ordinal, offset := split(v.end); v.open() && s.ordinal == ordinal {
			v.total += offset - info.Size() // what is behind is being written, or prepared for that
		}
	}
	r := v.store.replayer(index.Checkpoint{})
	v.pace.begin()
	for i, s := range all {
		if err := v.segment(s, r, i == len(all)-1); err != nil {
			return err
		}
	}
	v.records = r.records
	return nil
}

// segment reads one. Behind damage it goes on with the next frame that it finds.
func (v *verifier) segment(s *segment, r *replayer, last bool) error {
	if err := v.store.segments.pin(s); err != nil {
		if !isCorrupt(err) {
			return err
		}
		v.problem(err)
		return nil
	}
	s.unpin()
	if s.first != r.last+1 {
		v.damage(s.at(0), r.last+1, fmt.Sprintf("the segment begins with position %d; events before it are missing", s.first))
		r.last = s.first - 1
	}
	r.scan = scan{store: v.store, at: s.at(headerSize)}
	for {
		if v.open() && r.scan.at >= v.end {
			return nil
		}
		if err := v.proceed(); err != nil {
			return err
		}
		whole, err := v.frame(r)
		if err != nil {
			return err
		}
		if whole {
			continue
		}
		more, err := v.gap(s, r, last)
		if err != nil || !more {
			return err
		}
	}
}

// frame reads and counts the next frame, if one is here and whole.
func (v *verifier) frame(r *replayer) (whole bool, err error) {
	b, _, err := r.scan.frameAt(r.scan.at)
	if err != nil && !isCorrupt(err) {
		return false, err
	}
	if b == nil || err != nil {
		return false, nil
	}
	p, whole, err := r.part(b)
	if !whole || err != nil {
		return false, err
	}
	v.head = p.last
	v.report.Batches++
	v.report.Bytes += int64(p.end - p.at)
	v.report.Events += uint64(p.last + 1 - p.first)
	v.inLog.add(p, v.report.IndexReached)
	v.keys(p)
	if v.open() {
		clear(r.records) // which nothing is compared with
	}
	v.progress(v.report.Bytes, v.total)
	v.pace.worked(int(p.end - p.at))
	return true, nil
}

// gap looks at what is where no whole frame is: nothing, a torn write, or
// damage. more says that frames follow.
func (v *verifier) gap(s *segment, r *replayer, last bool) (more bool, err error) {
	at := r.scan.at
	rest, err := v.rest(s, at)
	if err != nil {
		return false, err
	}
	if len(rest) == 0 {
		if last && v.open() {
			v.damage(at, r.last+1, "there is nothing here, and events were acknowledged behind it")
		}
		return false, nil
	}
	skip, h := v.resync(rest, r.last)
	acked := v.store.acked(rest) > r.last || v.report.IndexReached > r.last
	if last && !acked && !v.open() {
		v.report.TornBytes = int64(len(rest))
		return false, nil
	}
	problem := fmt.Sprintf("the frame of position %d is damaged", r.last+1)
	if skip < 0 {
		v.damage(at, r.last+1, problem+", and nothing whole follows in this segment")
		return false, nil
	}
	v.damage(at, r.last+1, fmt.Sprintf("%s; the next whole one, of position %d, is %d bytes on", problem, h.First, skip))
	r.last = h.First - 1
	r.scan.at = at + uint64(skip)
	return true, nil
}

// rest is what a segment holds from an address on, without the zeros behind.
func (v *verifier) rest(s *segment, at address) ([]byte, error) {
	_, offset := split(at)
	info, err := v.store.dir.fs.Stat(s.path)
	if err != nil {
		return nil, fmt.Errorf("disk: %w", err)
	}
	b, err := v.store.log.Read(at, int(max(0, info.Size()-offset)))
	return bytes.TrimRight(b, "\x00"), err
}

// resync finds the next whole frame behind position p; -1 if there is none.
func (v *verifier) resync(b []byte, p cairn.Position) (skip int, h frame.Header) {
	epoch := binary.LittleEndian.AppendUint32(nil, v.store.epoch)
	for from := 9; from < len(b); {
		i := bytes.Index(b[from:], epoch)
		if i < 0 {
			break
		}
		start := from + i - 8
		if h, _, err := frame.Open(b[start:], v.store.epoch); err == nil && h.First > p {
			return start, h
		}
		from += i + 1
	}
	return -1, h
}

// keys checks that the index finds the batch by its key.
func (v *verifier) keys(p *part) {
	for _, it := range p.items {
		if it.key == "" || p.last > v.report.IndexReached {
			continue
		}
		place, ok, err := v.store.index.Key(it.key)
		if err == nil && (!ok || place != it.place) {
			err = indexDiffers(fmt.Sprintf("the key %q at position %d", it.key, it.place.Position))
		}
		if err != nil {
			v.problem(err)
		}
		v.report.IndexEntries++
	}
}

// ErrIndex means that the index does not say what the log does. No event is
// lost: the index is built from the log.
var ErrIndex = errors.New("disk: the index differs from the log")

func indexDiffers(what string) error {
	return fmt.Errorf("%w in %s; delete the %s directory, it is built again when the store is opened", ErrIndex, what, indexDir)
}
