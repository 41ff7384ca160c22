package disk

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/cairndb/cairn"
)

// The questions an error of Open can be asked with [errors.Is].
var (
	// ErrInUse is matched by every [*InUseError].
	ErrInUse = errors.New("disk: store is in use")
	// ErrNotStore means that the directory holds something else, or nothing
	// where a store must exist.
	ErrNotStore = errors.New("disk: not a store")
	// ErrFormat means that the store was written in a format that this version
	// does not know: by a newer version, most likely.
	ErrFormat = errors.New("disk: unknown store format")
)

// An InUseError reports that another owner has the store open.
type InUseError struct {
	Dir string
	PID int // of the owner, if it is known
}

// Error says who has it.
func (e *InUseError) Error() string {
	if e.PID > 0 {
		return fmt.Sprintf("disk: store %s is in use by process %d; stop it first", e.Dir, e.PID)
	}
	return fmt.Sprintf("disk: store %s is in use by another process; stop it first", e.Dir)
}

// Is matches [ErrInUse].
func (e *InUseError) Is(target error) bool { return target == ErrInUse }

// A FailedError is the error of a store that has stopped accepting writes
// because its storage failed. It matches [cairn.ErrFailed], and
// [cairn.ErrUnknownOutcome] for the writes that were under way.
type FailedError struct {
	Err     error // of the storage
	Unknown bool  // whether this write may turn out to be stored
}

// Error says what failed and what to do.
func (e *FailedError) Error() string {
	return fmt.Sprintf("%v: %v; check the storage, then open the store again", cairn.ErrFailed, e.Err)
}

// Is matches [cairn.ErrFailed] and, for a write under way,
// [cairn.ErrUnknownOutcome].
func (e *FailedError) Is(target error) bool {
	return target == cairn.ErrFailed || e.Unknown && target == cairn.ErrUnknownOutcome
}

// Unwrap returns the error of the storage.
func (e *FailedError) Unwrap() error { return e.Err }

// A RefusedError is the error of a write that the storage refused and of which
// nothing was stored. It matches [cairn.ErrNoSpace] if there was no room.
type RefusedError struct{ Err error }

// Error says why.
func (e *RefusedError) Error() string {
	if e.Is(cairn.ErrNoSpace) {
		return fmt.Sprintf("%v: %v; nothing was stored, free some space and try again", cairn.ErrNoSpace, e.Err)
	}
	return fmt.Sprintf("disk: the storage refused a write, nothing was stored: %v", e.Err)
}

// Is matches [cairn.ErrNoSpace] if that is why.
func (e *RefusedError) Is(target error) bool {
	return target == cairn.ErrNoSpace && isNoSpace(e.Err)
}

func isNoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// Unwrap returns the error of the storage.
func (e *RefusedError) Unwrap() error { return e.Err }

func refused(err error) error { return &RefusedError{err} }
