package declared

import (
	"errors"
	"fmt"
)

// ErrInvalid is matched by every [*Error].
var ErrInvalid = errors.New("declared: the projection's file is not right")

// An Error is something in a file that is not right. [Parse] joins all it finds.
type Error struct {
	File         string
	Line, Column int
	Problem      string // what is wrong, and what was expected
}

// Error says where and what.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// Is reports whether the target is ErrInvalid.
func (e *Error) Is(target error) bool { return target == ErrInvalid }
