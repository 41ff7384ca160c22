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
// when it is first read, so that a store opens as fast with a thousand
// segments as with one.
type segment struct {
	ordinal uint32
	first   cairn.Position
	path    string

	mu     sync.Mutex
	file   vfs.File               // nil until it is needed
	mapped atomic.Pointer[[]byte] // the file in memory, as far as it can be
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

// open returns the file, opened and checked.
func (s *segment) open(fs vfs.FS, id cairn.ID) (vfs.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		return s.file, nil
	}
	f, err := fs.Open(s.path, vfs.RandomReadsOption)
	if err != nil {
		return nil, fmt.Errorf("disk: %w", err)
	}
	if err := s.check(f, id); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s.file = f
	return f, nil
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
	return nil
}

func (s *segment) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	var err error
	if b := s.mapped.Swap(nil); b != nil {
		err = unmapFile(*b)
	}
	err = errors.Join(err, s.file.Close())
	s.file = nil
	return err
}

// memory is the file from an offset on, as far as it is mapped.
func (s *segment) memory(offset int64) []byte {
	b := s.mapped.Load()
	if b == nil || offset >= int64(len(*b)) {
		return nil
	}
	return (*b)[offset:]
}

// read returns n bytes from an offset on, or fewer if the file ends before. They
// are the caller's.
func (s *segment) read(fs vfs.FS, id cairn.ID, offset int64, n int) ([]byte, error) {
	if b := s.memory(offset); n <= len(b) {
		if c, ok := copyMapped(b[:n]); ok {
			return c, nil
		}
	}
	f, err := s.open(fs, id)
	if err != nil {
		return nil, err
	}
	if s.mapped.Load() == nil {
		s.mapFile(f)
	}
	b := make([]byte, n)
	read, err := f.ReadAt(b, offset)
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("disk: read %s at byte %d: %w", s.path, offset, err)
	}
	return b[:read], nil
}

// mapFile maps the file, for the reads that follow.
func (s *segment) mapFile(f vfs.File) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mapped.Load() != nil {
		return
	}
	if b := mapFile(f); b != nil {
		s.mapped.Store(&b)
	}
}

// previous reads how many bytes of the segment before are in use.
func (s *segment) previous(fs vfs.FS, id cairn.ID) (int64, error) {
	f, err := s.open(fs, id)
	if err != nil {
		return 0, err
	}
	var b [4]byte
	if _, err := f.ReadAt(b[:], 12); err != nil {
		return 0, fmt.Errorf("disk: read %s: %w", s.path, err)
	}
	return int64(binary.LittleEndian.Uint32(b[:])), nil
}
