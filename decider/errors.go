package decider

import (
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
)

var (
	// ErrGaveUp is matched by every [*GaveUpError].
	ErrGaveUp = errors.New("decider: gave up")
	// ErrHidden means that a past state cannot be told, because the stream no
	// longer shows the events that it would have to be folded from.
	ErrHidden = errors.New("decider: history is hidden")
)

// A GaveUpError reports a decision that could not be stored in as many attempts
// as the options allow, or before the context ended. Nothing of it was stored,
// unless the error matches [cairn.ErrUnknownOutcome].
type GaveUpError struct {
	Attempts int
	// Cause is why no further attempt was made when it is the context that
	// ended; nil when there were enough.
	Cause error
	// Last is what became of the last attempt: a [*cairn.ConflictError], or an
	// error that matches [cairn.ErrUnknownOutcome].
	Last error
}

// Error says after how many attempts, and what stood in the way.
func (e *GaveUpError) Error() string {
	s := fmt.Sprintf("%v after %d attempts", ErrGaveUp, e.Attempts)
	if e.Cause != nil {
		s += fmt.Sprintf(" (%v)", e.Cause)
	}
	return s + ": " + e.Last.Error()
}

// Is matches [ErrGaveUp].
func (e *GaveUpError) Is(target error) bool { return target == ErrGaveUp }

// Unwrap returns the cause, if any, and the last attempt's error.
func (e *GaveUpError) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Last}
	}
	return []error{e.Cause, e.Last}
}

func invalid(field, format string, args ...any) error {
	return &cairn.InvalidError{Field: field, Problem: fmt.Sprintf(format, args...)}
}
