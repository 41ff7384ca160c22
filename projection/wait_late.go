package projection

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
)

// A LateError reports a read model that has not come as far as a token in time.
type LateError struct {
	Projection string
	Token      cairn.Position // what was waited for
	Build      int            // the one that readers see; zero if there is none

	// Need is the position that a lane of the build has to reach, and At where
	// it was when it was last seen. No more than Need - At events are missing.
	Need, At cairn.Position

	// Err says why waiting ended, and what stood in the way.
	Err error
}

// Behind is how many positions of the log the read model is behind: that many
// events are missing at most.
func (e *LateError) Behind() uint64 { return uint64(e.Need - min(e.At, e.Need)) }

// Error says how far the read model is, and what to look at.
func (e *LateError) Error() string {
	if e.Build == 0 {
		return fmt.Sprintf("projection %q has shown nothing of position %d in time: %v; is it running, and is that its name?", e.Projection, e.Token, e.Err)
	}
	return fmt.Sprintf("projection %q has not come to position %d in time: its build %d is at %d and %d positions behind %d, where it has to be: %v; is it running, and has it stopped at an event?",
		e.Projection, e.Token, e.Build, e.At, e.Behind(), e.Need, e.Err)
}

// Unwrap returns the reason.
func (e *LateError) Unwrap() error { return e.Err }

// Is reports whether the target is ErrLate.
func (e *LateError) Is(target error) bool { return target == ErrLate }

// late is the error of a context that has ended.
func (w *waiter) late(ctx context.Context) error {
	cause := context.Cause(ctx)
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return cause
	}
	e := w.at
	e.Err = errors.Join(cause, e.Err)
	if e.Build > 0 {
		e.Err = cause
	}
	return &e
}
