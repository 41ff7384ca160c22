package codec

import (
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
)

// The questions an error can be asked with [errors.Is].
var (
	// ErrUnknownType means that a codec does not know an event's type: the
	// stored name when decoding, the Go type when encoding.
	ErrUnknownType = errors.New("codec: unknown event type")
	// ErrUndecodable means that the data of an event is not what its type
	// says, or that an upcaster refused it.
	ErrUndecodable = errors.New("codec: undecodable event")
	// ErrUnencodable means that an event has no encoding: it is nil, or holds
	// a value that its format cannot express.
	ErrUnencodable = errors.New("codec: unencodable event")
)

// A DecodeError reports a stored event that could not be decoded, and where it
// is.
type DecodeError struct {
	Type     string // the stored name
	Stream   string
	Revision cairn.Revision
	Position cairn.Position // zero if the event is not stored yet

	Reason error // ErrUnknownType or ErrUndecodable
	Err    error // the cause; nil for an unknown type
}

// Error says what and where, and for an unknown type what to do.
func (e *DecodeError) Error() string {
	s := fmt.Sprintf("%v %q in stream %q at revision %v", e.Reason, e.Type, e.Stream, e.Revision)
	if e.Position > 0 {
		s += fmt.Sprintf(" (position %d)", e.Position)
	}
	if e.Err != nil {
		return s + ": " + e.Err.Error()
	}
	return s + "; name it in the codec's Types, or give an Upcaster for it"
}

// Unwrap returns the reason and the cause.
func (e *DecodeError) Unwrap() []error { return both(e.Reason, e.Err) }

// An EncodeError reports an event that could not be encoded.
type EncodeError struct {
	GoType string // of the event
	Name   string // under which it would be stored; empty for an unknown type

	Reason error // ErrUnknownType or ErrUnencodable
	Err    error // the cause
}

// Error says what could not be encoded and why.
func (e *EncodeError) Error() string {
	return fmt.Sprintf("%v %s: %v", e.Reason, e.GoType, e.Err)
}

// Unwrap returns the reason and the cause.
func (e *EncodeError) Unwrap() []error { return both(e.Reason, e.Err) }

func both(reason, cause error) []error {
	if cause == nil {
		return []error{reason}
	}
	return []error{reason, cause}
}
