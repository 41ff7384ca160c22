package projection

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/cairndb/cairn"
)

// The questions an error can be asked with [errors.Is].
var (
	// ErrMoved is the error of a change that expected an entry to stand
	// elsewhere: another runner owns the lane, or somebody was quicker.
	ErrMoved = errors.New("projection: the entry has moved: somebody else has changed it")
	// ErrChanged is matched by every [*ChangedError].
	ErrChanged = errors.New("projection: the definition has changed and the version has not")
	// ErrStore is matched by every [*StoreError].
	ErrStore = errors.New("projection: the read model was built from another store")
	// ErrUnknown is matched by the error of looking for a projection, a build or
	// a parked key that is not there.
	ErrUnknown = errors.New("projection: there is no such thing")
	// ErrFailed is matched by every [*FailureError].
	ErrFailed = errors.New("projection: an event could not be applied")
	// ErrDiscarded is the error of running a build that was dropped.
	ErrDiscarded = errors.New("projection: the build was dropped")
	// ErrBehind is matched by the error of a switch to a build that shows less
	// than readers have seen.
	ErrBehind = errors.New("projection: the build is behind the one that readers see")
	// ErrLate is matched by the error of [Wait] when its time is up.
	ErrLate = errors.New("projection: the read model has not come that far yet")
)

// An EventError is the failure of one event. Handlers for batches return it to say
// which one.
type EventError struct {
	Position cairn.Position
	Err      error
}

// Error says which event failed and why.
func (e *EventError) Error() string {
	return fmt.Sprintf("event at position %d: %v", e.Position, e.Err)
}

// Unwrap returns the reason.
func (e *EventError) Unwrap() error { return e.Err }

// A FailureError ends a runner whose projection stops on failures.
type FailureError struct {
	Projection string
	Version    int
	Attempts   int
	Event      cairn.Recorded
	Err        error
}

// Error names the projection and the event, and says what can be done.
func (e *FailureError) Error() string {
	return fmt.Sprintf("projection %q (version %d) stopped at position %d (%s, revision %d of stream %q) after %d attempts: %v; mend the handler and start again, or choose ParkOnFailure or SkipOnFailure",
		e.Projection, e.Version, e.Event.Position, e.Event.Type, e.Event.Revision, e.Event.Stream, e.Attempts, e.Err)
}

// Unwrap returns the reason.
func (e *FailureError) Unwrap() error { return e.Err }

// Is reports whether the target is ErrFailed.
func (e *FailureError) Is(target error) bool { return target == ErrFailed }

// A ChangedError reports a projection whose definition is not the one that its
// version was built with.
type ChangedError struct {
	Projection string
	Version    int
	Field      string // "query", "tables" or "lanes"
	Built, Now string
}

// Error says what has changed and what to do.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("projection %q: version %d was built with %s %s and now has %s; raise Version and deploy it",
		e.Projection, e.Version, e.Field, e.Built, e.Now)
}

// Is reports whether the target is ErrChanged.
func (e *ChangedError) Is(target error) bool { return target == ErrChanged }

// A StoreError reports a read model that was built from another store, whose
// positions mean nothing here.
type StoreError struct {
	Projection  string
	Built, Here cairn.ID
}

// Error names both stores.
func (e *StoreError) Error() string {
	return fmt.Sprintf("projection %q was built from store %v and this is store %v; give it a target or a name of its own, or drop it and build it anew",
		e.Projection, e.Built, e.Here)
}

// Is reports whether the target is ErrStore.
func (e *StoreError) Is(target error) bool { return target == ErrStore }

// A PanicError is the failure of a handler that panicked.
type PanicError struct {
	Value any    // what it panicked with
	Stack []byte // where
}

// Error says what the handler panicked with.
func (e *PanicError) Error() string { return fmt.Sprintf("the handler panicked: %v", e.Value) }

// safely runs what is somebody else's. A panic is its error.
func safely(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = panicked(v)
		}
	}()
	return do()
}

func panicked(v any) error { return &PanicError{v, debug.Stack()} }

// Park is the outcome of an event that is to be parked at once, and with it what
// follows under its key, whatever the projection's Failures say.
func Park(err error) error { return decide(err, ParkOnFailure) }

// Skip is the outcome of an event that is to be left out, with a record of it.
func Skip(err error) error { return decide(err, SkipOnFailure) }

// Stop is the outcome of an event that is to end the runner at once.
func Stop(err error) error { return decide(err, StopOnFailure) }

func decide(err error, what Failures) error {
	if err == nil {
		err = errNoReason
	}
	return &decided{err, what}
}

var errNoReason = errors.New("the handler gave no reason")

// decided is a failure about which the handler has decided itself.
type decided struct {
	error
	what Failures
}

func (d *decided) Unwrap() error { return d.error }
