package torture

import (
	"errors"
	"fmt"
)

// ErrViolation is matched by every [*Violation].
var ErrViolation = errors.New("torture: a promise is broken")

// A Violation is a promise of the store that was found broken.
type Violation struct {
	Promise string // such as "atomic"
	Details string
}

// Error says which promise, and how.
func (v *Violation) Error() string { return "not " + v.Promise + ": " + v.Details }

// Is matches [ErrViolation].
func (v *Violation) Is(target error) bool { return target == ErrViolation }

func broken(promise, format string, args ...any) error {
	return &Violation{Promise: promise, Details: fmt.Sprintf(format, args...)}
}

func asViolation(err error) (*Violation, bool) { return errors.AsType[*Violation](err) }
