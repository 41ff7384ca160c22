package index

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/cairndb/cairn"
)

// A block's value is a sequence of runs. A run is, all numbers being varints,
//
//	count
//	offset                           of the first entry in the block
//	position                         of the first entry, if the term is a stream
//	address                          of the first entry
//	then for each further entry:
//	address difference << 1 | gap    where gap says that
//	position difference - 1          follows; without, the positions are adjacent
//
// The offset is the entry's revision, or its position, less the block's first.
// Revisions in a run are adjacent; a stream's run ends where one is missing.
//
// Runs are written in the order in which they were applied. An entry that is
// not above all before it was applied twice, and is dropped.

// An entry is a place and its offset in the block.
type entry struct {
	Place
	offset uint16
}

var errRun = errors.New("malformed run")

// appendRuns appends the entries as runs.
func appendRuns(dst []byte, k Kind, entries []entry) []byte {
	for len(entries) > 0 {
		n := runLength(k, entries)
		dst = appendRun(dst, k, entries[:n])
		entries = entries[n:]
	}
	return dst
}

func runLength(k Kind, entries []entry) int {
	if k != Stream {
		return len(entries)
	}
	n := 1
	for n < len(entries) && entries[n].offset == entries[n-1].offset+1 {
		n++
	}
	return n
}

func appendRun(dst []byte, k Kind, run []entry) []byte {
	first := run[0]
	dst = binary.AppendUvarint(dst, uint64(len(run)))
	dst = binary.AppendUvarint(dst, uint64(first.offset))
	if k == Stream {
		dst = binary.AppendUvarint(dst, uint64(first.Position))
	}
	dst = binary.AppendUvarint(dst, first.Address)
	last := first.Place
	for _, e := range run[1:] {
		dst = appendStep(dst, last, e.Place)
		last = e.Place
	}
	return dst
}

func appendStep(dst []byte, last, next Place) []byte {
	address, gap := (next.Address-last.Address)<<1, next.Position-last.Position-1
	if gap == 0 {
		return binary.AppendUvarint(dst, address)
	}
	return binary.AppendUvarint(binary.AppendUvarint(dst, address|1), uint64(gap))
}

// decodeRuns appends the entries of a block to dst, which must be empty or hold
// the entries of earlier values of the same block. Values that were not written
// by appendRuns are an error, and take no more memory than a block.
func decodeRuns(dst []entry, k Kind, number uint64, value []byte) ([]entry, error) {
	d := decoder{rest: value, kind: k, base: number << k.blockBits()}
	if bits := k.blockBits(); d.base>>bits != number {
		return dst, fmt.Errorf("%w: no block has the number %d", errRun, number)
	}
	for len(d.rest) > 0 {
		if dst = d.run(dst); d.bad {
			return dst, errRun
		}
	}
	return dst, nil
}

// A decoder reads runs. Once bad it stays bad.
type decoder struct {
	rest []byte
	kind Kind
	base uint64
	bad  bool
}

func (d *decoder) run(dst []entry) []entry {
	size := uint64(1) << d.kind.blockBits()
	count, offset := d.number(), d.number()
	e := entry{Place: Place{Position: cairn.Position(d.base + offset)}, offset: uint16(offset)}
	if d.kind == Stream {
		e.Position = cairn.Position(d.number())
	}
	e.Address = d.number()
	if d.bad = d.bad || count == 0 || count > size || offset >= size; d.bad {
		return dst
	}
	dst = keep(dst, e)
	for range count - 1 {
		if !d.step(&e, size) {
			return dst
		}
		dst = keep(dst, e)
	}
	return dst
}

// step moves an entry to the one after it.
func (d *decoder) step(e *entry, size uint64) bool {
	address, gap := d.number(), uint64(0)
	if address&1 != 0 {
		gap = d.number()
	}
	offset := uint64(e.offset) + 1
	if d.kind != Stream {
		offset += min(gap, size)
	}
	position := uint64(e.Position) + 1 + gap
	d.bad = d.bad || offset >= size || position <= gap || e.Address > math.MaxInt64
	e.offset, e.Position, e.Address = uint16(offset), cairn.Position(position), e.Address+address>>1
	return !d.bad
}

// keep appends an entry that is above all before it.
func keep(dst []entry, e entry) []entry {
	if n := len(dst); n > 0 && (e.offset <= dst[n-1].offset || e.Position <= dst[n-1].Position) {
		return dst
	}
	return append(dst, e)
}

// number reads a varint.
func (d *decoder) number() uint64 {
	if len(d.rest) > 0 && d.rest[0] < 0x80 {
		v := uint64(d.rest[0])
		d.rest = d.rest[1:]
		return v
	}
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.bad, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[n:]
	return v
}
