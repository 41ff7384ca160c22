package broker

import (
	"errors"
	"fmt"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn"
)

var (
	// ErrUnmapped is the error of a [Mapping] that does not know a domain event:
	// nothing is said about it.
	ErrUnmapped = errors.New("broker: the event is not mapped")

	// ErrMapping is matched by the error of a mapping that would fail however
	// often it is tried: it panics, cannot read the domain event, or drafts what
	// is not in the contract.
	ErrMapping = errors.New("broker: broken mapping")

	// ErrUnknownType is matched by the error of an integration event for which
	// nobody has a handler. It matches [ErrRejected] too.
	ErrUnknownType = fmt.Errorf("%w: unknown type", ErrRejected)
)

// A MappingError says which domain event could not be mapped, and why.
type MappingError struct {
	Type     string // of the domain event
	Stream   string
	Revision cairn.Revision
	Position cairn.Position

	Index int    // of the draft at fault; -1 if it is none
	Draft string // the type of that draft

	Broken bool // trying again does not help; then the error matches ErrMapping
	Err    error
}

// Error names the event, the draft and the fault.
func (e *MappingError) Error() string {
	at := fmt.Sprintf("broker: mapping %s at position %d (%s, revision %d)", e.Type, e.Position, e.Stream, e.Revision)
	if e.Index >= 0 {
		at += fmt.Sprintf(": integration event %d of type %q", e.Index, e.Draft)
	}
	return at + ": " + e.Err.Error()
}

// Unwrap returns the cause, and ErrMapping if trying again does not help.
func (e *MappingError) Unwrap() []error {
	if e.Broken {
		return []error{ErrMapping, e.Err}
	}
	return []error{e.Err}
}

// An EventError says which integration event could not be handled, and why.
type EventError struct {
	Type   string
	Source string
	ID     string
	Kind   error // ErrUndecodable or ErrUnknownType
	Err    error // nil if Kind says all
}

// Error names the event and the fault.
func (e *EventError) Error() string {
	s := fmt.Sprintf("broker: event %s of type %q from %s: ", e.ID, e.Type, e.Source)
	if e.Err == nil {
		return s + e.Kind.Error()
	}
	return s + e.Err.Error()
}

// Unwrap returns the kind and the cause.
func (e *EventError) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

func undecodable(e *cloudevents.Event, err error) error {
	return &EventError{Type: e.Type(), Source: e.Source(), ID: e.ID(), Kind: ErrUndecodable, Err: err}
}
