package access

import (
	"errors"
	"fmt"
)

// The questions an error can be asked with [errors.Is].
var (
	// ErrUnauthenticated is the error of credentials that are wrong or cannot
	// be understood. A caller without any is anonymous instead.
	ErrUnauthenticated = errors.New("access: unauthenticated")
	// ErrDenied is the error of what the caller may not do.
	ErrDenied = errors.New("access: denied")
	// ErrBusy is the error of credentials that were not verified because too
	// many others are waiting to be. They may be tried again.
	ErrBusy = errors.New("access: too many passwords are being verified")
	// ErrNoUser is matched by every error about a user who does not exist.
	ErrNoUser = errors.New("access: no such user")
	// ErrUserExists is matched by every error about a user who exists already.
	ErrUserExists = errors.New("access: user exists")
)

// A UserError is about one user. It matches [ErrNoUser], [ErrUserExists] or
// [ErrDenied].
type UserError struct {
	Login string
	Err   error // which of them
}

// Error says what is the matter with whom.
func (e *UserError) Error() string { return fmt.Sprintf("%v: %q", e.Err, e.Login) }

// Unwrap is what is the matter.
func (e *UserError) Unwrap() error { return e.Err }
