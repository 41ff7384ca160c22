package sqltarget

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn/projection"
)

// An ownError is of a statement that is no handler's, before any handler ran. No
// event is to blame, whatever the database says.
type ownError struct {
	doing string
	err   error
}

func (e *ownError) Error() string { return "sqltarget: " + e.doing + ": " + e.err.Error() }

func (e *ownError) Unwrap() error { return e.err }

func isOwn(err error) bool {
	_, ok := errors.AsType[*ownError](err)
	return ok
}

// errUndone is the error of a handler that went on after an error by which the
// database had undone its transaction.
var errUndone = errors.New("sqltarget: the database has undone the transaction, and the handler went on after it was told: it must pass on the errors of its statements")

// errGuarded is the error of waiting for too long for somebody who begins the same.
var errGuarded = errors.New("sqltarget: somebody else is about to make the same entries, and is not done with it")

// ended says why a context ended, if that is why something failed.
func ended(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	return errors.Join(context.Cause(ctx), err)
}

func moved(key string) error { return fmt.Errorf("%w: %q", projection.ErrMoved, key) }
