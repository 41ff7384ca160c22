package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
)

// A segment is one file of the log. It begins with a header of headerSize
// bytes; frames follow, and then zeros or the end of the file.
//
//	 0          8         12         16         32         40         48      52
//	+----------+---------+----------+----------+----------+----------+-------+
//	| CAIRNSEG | version | previous | store ID | ordinal  | first    | crc   |
//	+----------+---------+----------+----------+----------+----------+-------+
//
// Previous is how many bytes of the segment before are in use. The ordinal
// counts the segments from 0 and first is the position of the segment's first
// event. Both are known from the directory as well, the first
// from the file's name and the other from its place among them: a file opens
// when it is read, so that a store opens as fast with a thousand segments as
// with one. It may be closed again: see ring.
type segment struct {
	ordinal uint32
	first   cairn.Position
	path    string
	before  atomic.Uint32 // previous, once the header was read
	used    atomic.Bool   // since the hand of the ring came past

	mu     sync.RWMutex // held for reading while file and mapped are used
	file   vfs.File     // nil while the segment is closed
	mapped []byte       // the file in memory, as far as it can be
}

const headerSize = 64

var segmentMagic = [8]byte{'C', 'A', 'I', 'R', 'N', 'S', 'E', 'G'}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// at is the address of an offset in the segment. It leaves 32 bits for the
// offset, more than any segment takes: see [Options.SegmentSize].
func (s *segment) at(offset int64) address { return uint64(s.ordinal)<<32 | uint64(offset) }

func split(at address) (ordinal uint32, offset int64) {
	return uint32(at >> 32), int64(at & (1<<32 - 1))
}

func segmentName(first cairn.Position) string { return fmt.Sprintf("%020d%s", first, segmentExt) }

// parseSegmentName is the inverse of segmentName.
func parseSegmentName(name string) (first cairn.Position, ok bool) {
	digits, ok := strings.CutSuffix(name, segmentExt)
	n, err := strconv.ParseUint(digits, 10, 64)
	return cairn.Position(n), ok && err == nil && len(digits) == 20 && n > 0
}

func isSegment(name string) bool {
	_, ok := parseSegmentName(name)
	return ok
}

func (s *segment) header(id cairn.ID, previous uint32) []byte {
	h := make([]byte, headerSize)
	copy(h, segmentMagic[:])
	binary.LittleEndian.PutUint32(h[8:], formatVersion)
	binary.LittleEndian.PutUint32(h[12:], previous)
	copy(h[16:], id[:])
	binary.LittleEndian.PutUint64(h[32:], uint64(s.ordinal))
	binary.LittleEndian.PutUint64(h[40:], uint64(s.first))
	binary.LittleEndian.PutUint32(h[48:], crc32.Checksum(h[:48], castagnoli))
	return h
}

// open opens and checks the file. opened is false if it was open.
func (s *segment) open(fs vfs.FS, id cairn.ID) (opened bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		return false, nil
	}
	f, err := fs.Open(s.path, vfs.RandomReadsOption)
	if err != nil {
		return false, fmt.Errorf("disk: %w", err)
	}
	if err := s.check(f, id); err != nil {
		return false, errors.Join(err, f.Close())
	}
	s.file, s.mapped = f, mapFile(f)
	s.used.Store(true)
	return true, nil
}

// restore is what an operator can do about damage whose extent is known.
const restore = "restore the file from a backup"

// check compares the header in the file with what it should be.
func (s *segment) check(f vfs.File, id cairn.ID) error {
	var h [headerSize]byte
	if _, err := f.ReadAt(h[:], 0); err != nil && err != io.EOF {
		return fmt.Errorf("disk: read %s: %w", s.path, err)
	}
	damaged := func(problem string) error {
		return &cairn.CorruptError{Path: s.path, Position: s.first, Problem: problem, Hint: restore}
	}
	switch {
	case [8]byte(h[:8]) != segmentMagic || crc32.Checksum(h[:48], castagnoli) != binary.LittleEndian.Uint32(h[48:]):
		return damaged("the segment's header is not whole")
	case binary.LittleEndian.Uint32(h[8:]) != formatVersion:
		return fmt.Errorf("%w: %s is in format %d, this version knows format %d", ErrFormat, s.path, binary.LittleEndian.Uint32(h[8:]), formatVersion)
	case cairn.ID(h[16:32]) != id:
		return damaged("the segment belongs to the store " + cairn.ID(h[16:32]).String())
	case binary.LittleEndian.Uint64(h[32:]) != uint64(s.ordinal) || binary.LittleEndian.Uint64(h[40:]) != uint64(s.first):
		return damaged("the segment is not the one that its name and place say: a file before it is missing, or it was renamed")
	}
	s.before.Store(binary.LittleEndian.Uint32(h[12:]))
	return nil
}

// take makes f, which is checked, the file to read from.
func (s *segment) take(f vfs.File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.file, s.mapped = f, mapFile(f)
}

func (s *segment) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.release()
}

// tryClose closes the segment unless somebody is using it.
func (s *segment) tryClose() bool {
	if !s.mu.TryLock() {
		return false
	}
	defer s.mu.Unlock()
	_ = s.release() // what was written is synced, what was read was checked
	return true
}

// release closes the file, if it is open, for who holds the lock.
func (s *segment) release() error {
	if s.file == nil {
		return nil
	}
	err := errors.Join(unmapFile(s.mapped), s.file.Close())
	s.file, s.mapped = nil, nil
	return err
}

// memory is the file from an offset on, as far as it is mapped. Like read it is
// for who has pinned the segment.
func (s *segment) memory(offset int64) []byte {
	if offset >= int64(len(s.mapped)) {
		return nil
	}
	return s.mapped[offset:]
}

// read returns n bytes from an offset on, or fewer if the file ends before. They
// are the caller's.
func (s *segment) read(offset int64, n int) ([]byte, error) {
	if b := s.memory(offset); n <= len(b) {
		if c, ok := copyMapped(b[:n]); ok {
			return c, nil
		}
	}
	b := make([]byte, n)
	read, err := s.file.ReadAt(b, offset)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("disk: read %s at byte %d: %w", s.path, offset, err)
	}
	return b[:read], nil
}
