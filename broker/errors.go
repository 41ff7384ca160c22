package broker

import (
	"errors"
	"fmt"
)

var (
	// ErrUnavailable is matched by the error of a broker that cannot take any
	// message for now: it is down, full, or does not answer. What is published
	// waits, and counts no attempts.
	ErrUnavailable = errors.New("broker: unavailable")

	// ErrRejected is matched by the error of a message that would fail however
	// often it is tried: it is too large, has nowhere to go, or is not allowed.
	ErrRejected = errors.New("broker: rejected")

	// ErrUndecodable is matched by the error of something that is not a message
	// of the kind expected, or whose data is not. It matches ErrRejected too.
	ErrUndecodable = fmt.Errorf("%w: undecodable", ErrRejected)

	// ErrClosed is matched by the error of a publisher that is closed.
	ErrClosed = errors.New("broker: closed")
)

// A PublishError says which message a broker did not take, and why.
type PublishError struct {
	Broker string // as people know it: "nats", "kafka"
	Topic  string
	ID     string // of the event
	Kind   error  // ErrUnavailable, ErrRejected or nil
	Err    error
	Hint   string // what an operator can do about it
}

// Error says which message failed where.
func (e *PublishError) Error() string {
	s := fmt.Sprintf("broker: %s did not take event %s for %q: %v", e.Broker, e.ID, e.Topic, e.Err)
	if e.Hint != "" {
		s += "; " + e.Hint
	}
	return s
}

// Unwrap returns the kind and the cause.
func (e *PublishError) Unwrap() []error {
	if e.Kind == nil {
		return []error{e.Err}
	}
	return []error{e.Kind, e.Err}
}
