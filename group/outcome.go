package group

import (
	"errors"
	"fmt"
	"time"
)

// ErrLost is the error of a [Delivery] that cannot be settled any more: its
// visibility has ended, it was settled before, or the key has moved to another
// member.
var ErrLost = errors.New("group: the delivery is no longer this member's")

// ErrUnknown is matched by the error of looking for a group, or for something
// parked in it, that is not there.
var ErrUnknown = errors.New("group: there is no such thing")

// Park is the outcome of an event that is not to be tried again: it is parked
// at once, and with it what follows under its key.
func Park(err error) error { return &parked{err} }

// Skip is the outcome of an event that is settled without having been handled.
// The reason is recorded.
func Skip(reason string) error { return &skipped{reason} }

// RetryAfter is the outcome of an event that is to be tried again, after a time
// of the handler's choice. It counts as an attempt.
func RetryAfter(after time.Duration, err error) error { return &delayed{err, after} }

type parked struct{ error }

func (p *parked) Unwrap() error { return p.error }

type skipped struct{ reason string }

func (s *skipped) Error() string { return "skipped: " + s.reason }

type delayed struct {
	error
	after time.Duration
}

func (d *delayed) Unwrap() error { return d.error }

// A PanicError is the failure of a handler that panicked.
type PanicError struct {
	Value any    // what it panicked with
	Stack []byte // where
}

// Error says what the handler panicked with.
func (e *PanicError) Error() string { return fmt.Sprintf("group: the handler panicked: %v", e.Value) }
