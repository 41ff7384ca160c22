package system

import (
	"errors"

	"github.com/cairndb/cairn"
)

// A request is an append that waits to be committed with others.
type request struct {
	stream   string
	expected cairn.Revision
	events   []cairn.Event
	err      error // its own, such as a conflict
}

// result is the error of a request in a group that ended with groupErr.
func result(groupErr error, r *request) error {
	if groupErr != nil {
		return groupErr
	}
	return r.err
}

func isConflict(err error) bool { return errors.Is(err, cairn.ErrConflict) }
