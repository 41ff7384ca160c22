package cairn

import (
	"strconv"
	"time"
)

// An Event is what a caller appends.
type Event struct {
	// ID identifies the event. A zero ID is replaced by the store. An append
	// that may be retried should carry IDs of its own: see [Appender].
	ID ID

	// Type names what happened, such as "order.placed". It must not be empty.
	// Names that begin with "$" belong to the system.
	Type string

	// Data is the event's body and Metadata what is known about it; both may
	// be nil. Cairn stores them byte for byte. It never looks inside Data, and
	// in Metadata only for what the event belongs to: see [CorrelationTag].
	Data     []byte
	Metadata []byte

	// Format says what Data is. The zero Format is JSON; it is not checked.
	Format Format

	// Tags are labels such as "course:c1", by which conditions and filters can
	// name the event. Order and repetition mean nothing and are not kept.
	Tags []string

	// Time is when the event was recorded. Leave it zero: the store then sets
	// it at commit, and never to less than the time of the event before. An
	// importer sets it to keep the times of an older history.
	Time time.Time
}

// A Recorded is an event as it is stored. Its bytes belong to the caller, who
// may change them. They may share one allocation with those of events read at
// the same time; clone what is to be kept for long.
type Recorded struct {
	Event
	Stream   string
	Revision Revision // in its stream
	Position Position // in the log
}

// A Format says how the Data of an event is encoded.
type Format uint8

// The formats, as the KurrentDB protocol (version 2) names them.
const (
	JSON Format = iota
	Binary
	Protobuf
	Avro

	formats // how many there are
)

// String returns "json", "binary", "protobuf" or "avro".
func (f Format) String() string {
	if f < formats {
		return [...]string{"json", "binary", "protobuf", "avro"}[f]
	}
	return "format " + strconv.Itoa(int(f))
}

// A Revision is the place of an event in its stream: 0, 1, 2, and so on. An
// empty stream stands at [NoStream], so the revision last read is always the
// revision to expect. The negative numbers are those of the KurrentDB protocol.
type Revision int64

const (
	// NoStream is where a stream stands that has no events. Expected, it also
	// accepts a stream that has been soft-deleted.
	NoStream Revision = -1
	// Any is an expectation that always holds, but for a tombstoned stream.
	Any Revision = -2
	// StreamExists is an expectation: at least one event was written to the
	// stream or to its metadata, and it is not deleted.
	StreamExists Revision = -4
	// SoftDeleted is an expectation of a [Condition]: the stream was deleted
	// and not written to since.
	SoftDeleted Revision = -5
	// Tombstoned is an expectation of a [Condition]: the stream was closed for
	// good.
	Tombstoned Revision = -6

	// TombstoneRevision is the revision of the event that closes a stream.
	TombstoneRevision Revision = 1<<63 - 1
)

// String returns the number, or the name of a negative one.
func (r Revision) String() string {
	switch r {
	case NoStream:
		return "no stream"
	case Any:
		return "any"
	case StreamExists:
		return "stream exists"
	case SoftDeleted:
		return "soft-deleted"
	case Tombstoned:
		return "tombstoned"
	}
	return strconv.FormatInt(int64(r), 10)
}

// A Position is the place of an event in the log: 1, 2, 3, and so on, without
// gaps. The zero Position is before the first event, so a zero checkpoint is
// the start, and the lag of a reader at position p is head - p.
type Position uint64
