package frame

import (
	"encoding/binary"
	"hash/crc32"
	"time"

	"github.com/cairndb/cairn"
)

// The bits of an event's flags.
const (
	flagFormat = 7      // the cairn.Format
	flagTags   = 1 << 3 // tags follow the type
	flagTime   = 1 << 4 // the time was the caller's, not the store's
)

// An Event is a decoded event. Its slices point into the bytes it was decoded
// from.
type Event struct {
	Position  cairn.Position
	Revision  cairn.Revision
	ID        cairn.ID
	Time      int64 // nanoseconds since 1970
	OwnTime   bool  // the time was the caller's
	Format    cairn.Format
	Stream    []byte
	Type      []byte
	Data      []byte
	Metadata  []byte
	tags      []byte // encoded
	tagsCount int
}

// Size reads how many bytes the event that begins b takes. ok is false if b
// does not hold enough to say, or no event begins here.
func Size(b []byte) (n int, ok bool) {
	if len(b) < 5 {
		return 0, false
	}
	size, w := binary.Uvarint(b[4:])
	if w <= 0 || size > MaxSize {
		return 0, false
	}
	return 4 + w + int(size), true
}

// Decode decodes the event at position p that begins b into e, checks its sum,
// and returns what follows it.
func Decode(b []byte, epoch uint32, p cairn.Position, e *Event) (rest []byte, err error) {
	end, ok := eventEnd(b, 0)
	if !ok {
		return nil, torn("event cut off")
	}
	if crc32.Update(seed(epoch, p), table, b[4:end]) != binary.LittleEndian.Uint32(b) {
		return nil, torn("checksum of the event differs")
	}
	return b[end:], e.parse(b[:end], p)
}

// Trusted is Decode for bytes that are known to be right because this process
// has just encoded them: it does not check the sum.
func Trusted(b []byte, p cairn.Position, e *Event) (rest []byte, err error) {
	end, ok := eventEnd(b, 0)
	if !ok {
		return nil, torn("event cut off")
	}
	return b[end:], e.parse(b[:end], p)
}

func (e *Event) parse(b []byte, p cairn.Position) error {
	r := reader{b: b, at: 4}
	r.uvarint() // the size, known to fit
	fixed := r.fixed(25)
	flags := fixed[0]
	e.Position = p
	e.ID = cairn.ID(fixed[1:17])
	e.Time = int64(binary.LittleEndian.Uint64(fixed[17:]))
	e.Format, e.OwnTime = cairn.Format(flags&flagFormat), flags&flagTime != 0
	e.Revision = cairn.Revision(r.uvarint())
	e.Stream = r.bytes(cairn.MaxStreamName)
	e.Type = r.bytes(cairn.MaxTypeName)
	e.tags, e.tagsCount = nil, 0
	if flags&flagTags != 0 {
		e.parseTags(&r)
	}
	e.Metadata = r.bytes(MaxSize)
	if r.bad {
		return torn("event malformed")
	}
	e.Data = b[r.at:len(b):len(b)]
	return nil
}

func (e *Event) parseTags(r *reader) {
	e.tagsCount = r.count(cairn.MaxTags)
	start := min(r.at, len(r.b))
	for range e.tagsCount {
		r.bytes(cairn.MaxTag)
	}
	e.tags = r.b[start:max(start, min(r.at, len(r.b)))]
}

// Tags returns the event's tags as new strings; nil if it has none.
func (e *Event) Tags() []string {
	if e.tagsCount == 0 {
		return nil
	}
	r := reader{b: e.tags}
	tags := make([]string, e.tagsCount)
	for i := range tags {
		tags[i] = string(r.bytes(cairn.MaxTag))
	}
	return tags
}

// When is the event's time.
func (e *Event) When() time.Time { return time.Unix(0, e.Time).UTC() }

// seed makes an event's sum depend on the store and the place. Distinct seeds
// give distinct sums of the same bytes, because a CRC is a bijection of its
// initial state.
func seed(epoch uint32, p cairn.Position) uint32 {
	return epoch ^ uint32(p)*0x9e3779b1 ^ uint32(p>>32)
}
