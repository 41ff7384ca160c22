package disk

import (
	"errors"
	"fmt"
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
