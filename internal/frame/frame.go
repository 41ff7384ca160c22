// Package frame encodes batches of events as the frames of the log, and
// decodes them. It works on bytes and knows no files.
//
// One frame holds one batch, so that a torn write loses a batch whole:
//
//	 0        4        8        12                20
//	+--------+--------+--------+-----------------+--------------------+--------+----
//	| length | crc    | epoch  | first position  | header, varints    | event  | ...
//	+--------+--------+--------+-----------------+--------------------+--------+----
//
// The fixed fields are little-endian. The varints of the header are the number
// of events; how many positions before the first one were not yet known to be
// durable when the frame was written; and, if the batch had a key, the key and
// the answer that was given for it.
//
// Each event carries a checksum of its own, so that it can be read alone:
//
//	+--------+---------------+-------+----------+----------+-----------------------
//	| crc    | size (varint) | flags | id (16)  | time (8) | revision, stream, ...
//	+--------+---------------+-------+----------+----------+-----------------------
//
// The frame's checksum covers its header and the checksums of its events, and
// so all of it, with every byte summed once. An event's checksum is seeded with
// the store's epoch and the event's position, and a frame holds both: bytes of
// another store, or of another place in this one, never pass for the right ones.
//
// docs/format.md has every field.
package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"github.com/cairndb/cairn"
)

// FixedSize is the size of the fixed part of a frame's header: the least that
// must be there to learn its length.
const FixedSize = 20

// maxHeader bounds the variable part of a header: varints, a key, and one
// revision for each write of a keyed batch.
const maxHeader = 64 + cairn.MaxKey + binary.MaxVarintLen64*cairn.MaxBatchWrites

// MaxSize is more than any frame takes: see [cairn.MaxBatchSize] for what it
// can hold. A greater length is damage.
const MaxSize = cairn.MaxBatchSize + cairn.MaxBatchEvents*(eventOverhead+cairn.MaxTags*2) + maxHeader

// eventOverhead bounds what an event takes beyond its names, tags and bytes:
// its sum, flags, ID and time, a revision, and lengths within their limits.
const eventOverhead = 4 + 1 + 16 + 8 + binary.MaxVarintLen64 + 16

var table = crc32.MakeTable(crc32.Castagnoli)

// ErrTorn means that the bytes are not a whole frame or event of this store at
// this place: cut off, damaged, or something else. Errors of this package match
// it and say more.
var ErrTorn = errors.New("frame: not a whole frame")

func torn(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrTorn, fmt.Sprintf(format, args...))
}

// A Header is what a frame says of its batch.
type Header struct {
	Length int            // of the whole frame, in bytes
	First  cairn.Position // of its first event
	Count  int            // of its events; zero if it only holds a key
	// Acked is a position that was known to be durable when the frame was
	// written: what comes at or before it was acknowledged.
	Acked cairn.Position
	// Key and Answer are set if the batch had a key.
	Key    []byte
	Answer Answer
}

// Last is the position of the frame's last event; without events, the one
// before First.
func (h *Header) Last() cairn.Position { return h.First + cairn.Position(h.Count) - 1 }

// An Answer is what was answered to a batch with a key.
type Answer struct {
	Events    int              // how many of the frame's events the caller gave
	Revisions []cairn.Revision // see [cairn.BatchReceipt]
}

// Length reads the length of the frame that begins b, which must hold
// FixedSize bytes. ok is false if no frame of this epoch can begin here.
func Length(b []byte, epoch uint32) (n int, ok bool) {
	length := binary.LittleEndian.Uint32(b)
	if length < FixedSize || length > MaxSize || binary.LittleEndian.Uint32(b[8:]) != epoch {
		return 0, false
	}
	return int(length), true
}

// Open decodes the header of the frame that begins b and checks its sum. The
// events follow at the returned bytes; their own sums are checked as each is
// decoded, by [Decode].
func Open(b []byte, epoch uint32) (h Header, events []byte, err error) {
	h, events, err = Peek(b, epoch)
	if err != nil {
		return h, nil, err
	}
	b = b[:h.Length]
	if sum, ok := sumOf(b, h.Length-len(events), h.Count); !ok || sum != binary.LittleEndian.Uint32(b[4:]) {
		return h, nil, torn("checksum of the header differs")
	}
	return h, events, nil
}

// Peek is Open without checking the sum of the header.
func Peek(b []byte, epoch uint32) (h Header, events []byte, err error) {
	n, err := whole(b, epoch)
	if err != nil {
		return h, nil, err
	}
	h.Length, h.First = n, cairn.Position(binary.LittleEndian.Uint64(b[12:]))
	r := reader{b: b[:n], at: FixedSize}
	h.readVariable(&r)
	if r.bad || r.at > n {
		return h, nil, torn("header malformed")
	}
	return h, b[r.at:n], nil
}

// A Span is what a reader of events has to know of a frame.
type Span struct {
	First  cairn.Position
	Count  int
	Length int
	Events []byte
}

// Last is the position of the frame's last event; without events, the one
// before First.
func (s *Span) Last() cairn.Position { return s.First + cairn.Position(s.Count) - 1 }

// Read finds the events of the frame that begins b. It does not check the sum of
// the header, which is for those who go on to check every event: their sums
// depend on their positions, so that a header which is wrong about these does
// not get past [Decode].
func Read(b []byte, epoch uint32, s *Span) error {
	n, err := whole(b, epoch)
	if err != nil {
		return err
	}
	r := reader{b: b[:n], at: FixedSize}
	s.First, s.Length = cairn.Position(binary.LittleEndian.Uint64(b[12:])), n
	s.Count = r.count(maxEvents)
	r.uvarint() // of what was acknowledged
	if r.uvarint() > 0 {
		return s.readKeyed(b, epoch)
	}
	if r.bad {
		return torn("header malformed")
	}
	s.Events = b[r.at:n]
	return nil
}

func (s *Span) readKeyed(b []byte, epoch uint32) error {
	_, events, err := Peek(b, epoch)
	s.Events = events
	return err
}

// whole is the length of the frame that begins b, all of which must be there.
func whole(b []byte, epoch uint32) (int, error) {
	if len(b) < FixedSize {
		return 0, torn("%d bytes", len(b))
	}
	n, ok := Length(b, epoch)
	if !ok || n > len(b) {
		return 0, torn("length %d, epoch %08x", binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[8:]))
	}
	return n, nil
}

// maxEvents is more than any frame has: those of a batch and those that the
// store adds for its writes.
const maxEvents = cairn.MaxBatchEvents + cairn.MaxBatchWrites

func (h *Header) readVariable(r *reader) {
	h.Count = r.count(maxEvents)
	unacked := r.uvarint()
	h.Acked = h.First - 1 - cairn.Position(unacked)
	if h.First == 0 || unacked >= uint64(h.First) {
		r.bad = true
	}
	if h.Key = r.bytes(cairn.MaxKey); len(h.Key) == 0 {
		return
	}
	h.Answer.Events = r.count(h.Count)
	writes := r.count(cairn.MaxBatchWrites)
	if r.bad || writes > len(r.b)-r.at {
		r.bad = true
		return
	}
	h.Answer.Revisions = make([]cairn.Revision, writes)
	for i := range h.Answer.Revisions {
		h.Answer.Revisions[i] = cairn.Revision(r.varint())
	}
}

// sumOf sums a frame's header and the sums of its events, and checks that the
// events fill the frame exactly.
func sumOf(b []byte, start, count int) (sum uint32, ok bool) {
	if start > len(b) {
		return 0, false
	}
	sum = crc32.Update(0, table, b[8:start])
	at := start
	for range count {
		end, ok := eventEnd(b, at)
		if !ok {
			return 0, false
		}
		sum = crc32.Update(sum, table, b[at:at+4])
		at = end
	}
	return crc32.Update(sum, table, b[:4]), at == len(b)
}

// eventEnd is where the event that begins at b[at] ends.
func eventEnd(b []byte, at int) (end int, ok bool) {
	if len(b)-at < 5 {
		return 0, false
	}
	size, n := binary.Uvarint(b[at+4:])
	if n <= 0 || size > uint64(len(b)-at-4-n) {
		return 0, false
	}
	return at + 4 + n + int(size), true
}
