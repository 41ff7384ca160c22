package persistent

import (
	"errors"
	"fmt"
)

// The questions an error can be asked with errors.Is.
var (
	// ErrMissing is matched by the error of a subscription that does not exist.
	ErrMissing = errors.New("persistent: no such subscription")
	// ErrExists is matched by the error of creating one that exists.
	ErrExists = errors.New("persistent: the subscription exists")
	// ErrFull is matched by the error of a consumer that is one too many.
	ErrFull = errors.New("persistent: the subscription has as many consumers as it may")
	// ErrDropped is matched by the error of a consumer whose subscription was
	// changed, deleted or restarted.
	ErrDropped = errors.New("persistent: the consumer was dropped")
	// ErrClosed is the error of everything after Close.
	ErrClosed = errors.New("persistent: closed")
)

// A KeyError is one of the errors above, of a subscription.
type KeyError struct {
	Key Key
	Err error
}

// Error names the subscription.
func (e *KeyError) Error() string { return fmt.Sprintf("%v: %s", e.Err, e.Key) }

// Unwrap is what is the matter.
func (e *KeyError) Unwrap() error { return e.Err }

// A FailedError reports what a subscription cannot be asked. Nothing was done.
type FailedError struct {
	Key    Key
	Reason string
}

// Error says why.
func (e *FailedError) Error() string { return fmt.Sprintf("persistent: %s: %s", e.Key, e.Reason) }
