package cairn

import (
	"errors"
	"fmt"
	"strings"
)

// The questions an error can be asked with [errors.Is]. The types below hold
// the facts and are found with [errors.AsType].
var (
	// ErrConflict is matched by every [*ConflictError].
	ErrConflict = errors.New("cairn: conflict")
	// ErrStreamDeleted is matched by every [*DeletedError].
	ErrStreamDeleted = errors.New("cairn: stream is deleted")
	// ErrInvalid is matched by every [*InvalidError].
	ErrInvalid = errors.New("cairn: invalid argument")
	// ErrCorrupt is matched by every [*CorruptError].
	ErrCorrupt = errors.New("cairn: stored bytes are damaged")
	// ErrClosed is the error of a store that was closed.
	ErrClosed = errors.New("cairn: store is closed")
	// ErrNoSpace is matched by the error of a write for which there was no
	// room. Nothing was stored; reads go on, and writes will succeed again when
	// there is room.
	ErrNoSpace = errors.New("cairn: no space left")
	// ErrFailed is matched by every error of a store that has stopped
	// accepting writes because its storage failed. Reads go on; to write,
	// the store has to be opened again.
	ErrFailed = errors.New("cairn: store has failed and accepts no writes")
	// ErrReadOnly is the error of a write to a store opened for reading.
	ErrReadOnly = errors.New("cairn: store is read-only")
	// ErrUnknownOutcome is matched by the error of a write that may or may not
	// turn out to be stored. Retry it with the same event IDs or key.
	ErrUnknownOutcome = errors.New("cairn: outcome unknown")
)

// MaxConflicts is how many positions, and how many events, a [ConflictError]
// lists at most.
const MaxConflicts = 16

// A ConflictError reports that a stream does not stand where it was expected,
// or that events match a condition's query. Nothing was stored.
type ConflictError struct {
	// Stream, Expected and Actual are set when a stream was expected
	// elsewhere. Actual is a revision, NoStream, SoftDeleted or Tombstoned.
	Stream           string
	Expected, Actual Revision

	// Query and After are set when a query's condition failed.
	Query Query
	After Position

	// Positions are those of the events in the way, oldest first: the ones
	// behind the expected revision, or the ones that match the query. Events
	// are those events, for a query. Both list [MaxConflicts] at most.
	Positions []Position
	Events    []Recorded

	// Others are the batch's further conflicts, writes before conditions.
	Others []*ConflictError
}

// Error says what was expected and what was found.
func (e *ConflictError) Error() string {
	var b strings.Builder
	if e.Stream != "" {
		fmt.Fprintf(&b, "cairn: conflict: stream %q is at %v, expected %v", e.Stream, e.Actual, e.Expected)
	} else {
		fmt.Fprintf(&b, "cairn: conflict: the query matches events after position %d", e.After)
	}
	if len(e.Positions) > 0 {
		fmt.Fprintf(&b, " (in the way: position %d", e.Positions[0])
		if n := len(e.Positions) - 1; n > 0 {
			fmt.Fprintf(&b, " and %d more", n)
		}
		b.WriteByte(')')
	}
	if n := len(e.Others); n > 0 {
		fmt.Fprintf(&b, " and %d more conflicts", n)
	}
	return b.String()
}

// Is matches [ErrConflict].
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// A DeletedError reports a stream that was deleted.
type DeletedError struct {
	Stream string
	// Tombstone tells a stream that is closed for good from one that was
	// soft-deleted, which is an error only where StreamExists was expected.
	Tombstone bool
}

// Error names the stream.
func (e *DeletedError) Error() string {
	if e.Tombstone {
		return fmt.Sprintf("cairn: stream %q is deleted for good (tombstoned)", e.Stream)
	}
	return fmt.Sprintf("cairn: stream %q is deleted; expect no stream, its last revision or any to write to it again", e.Stream)
}

// Is matches [ErrStreamDeleted].
func (e *DeletedError) Is(target error) bool { return target == ErrStreamDeleted }

// An InvalidError reports a malformed argument. Nothing was done.
type InvalidError struct {
	Field   string // which one, such as "stream" or "events[3].type"
	Problem string // what is wrong with it
	Limit   int64  // the limit it is over; zero if it is none
}

// Error names the field and the problem.
func (e *InvalidError) Error() string {
	return "cairn: invalid " + e.Field + ": " + e.Problem
}

// Is matches [ErrInvalid].
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

// A CorruptError reports stored bytes that are not what was written.
type CorruptError struct {
	Path     string   // of the file
	Offset   int64    // in the file, of the damaged record
	Position Position // of the first event affected; zero if unknown
	Problem  string   // what is wrong
	Hint     string   // what to do about it, for an operator
}

// Error says where, what and what to do.
func (e *CorruptError) Error() string {
	s := fmt.Sprintf("cairn: %s is damaged at byte %d: %s", e.Path, e.Offset, e.Problem)
	if e.Position > 0 {
		s += fmt.Sprintf(" (position %d)", e.Position)
	}
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Is matches [ErrCorrupt].
func (e *CorruptError) Is(target error) bool { return target == ErrCorrupt }
