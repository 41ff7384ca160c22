package disk

import (
	"github.com/cairndb/cairn"
)

// An address says where in the log bytes lie. Addresses rise with positions,
// and only the log that gave one out knows what it means.
type address = uint64

// A log keeps the frames of the sequencer. Segment files are one; a replicated
// log could be another, which is why this is all that the rest of the engine
// knows of it.
//
// One goroutine at a time plans and appends; any number read.
type log interface {
	// Plan is the address at which n bytes that begin with a position would be
	// appended behind end, the address at which earlier ones end.
	Plan(end address, first cairn.Position, n int) address

	// Append makes frames durable at an address that Plan gave. first is the
	// position they begin with, and must follow the last one in the log.
	//
	// After an error that does not match [cairn.ErrFailed] the log is as it was
	// and can be appended to again. After one that does it cannot.
	Append(at address, first cairn.Position, frames []byte) error

	// Read returns n bytes from an address on, which are then the caller's, or
	// fewer, without an error, if the log or this part of it ends before.
	Read(at address, n int) ([]byte, error)

	// Event returns a copy of the bytes of the event at an address, taken from
	// the arena; what is there if they are not those of an event.
	Event(at address, a *arena) ([]byte, error)

	// Next is the address at which the log goes on if it does not at this one,
	// because a part of it ends there, and the position it goes on with. ok is
	// false if there is no further part.
	Next(at address) (next address, first cairn.Position, ok bool)

	// Part is the address at which the part of the log begins in which
	// position p lies, and the position it begins with.
	Part(p cairn.Position) (at address, first cairn.Position, ok bool)

	// Where names the file and the offset in it for people.
	Where(at address) (path string, offset int64)

	// Close releases the log.
	Close() error
}
