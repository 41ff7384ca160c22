package redistarget

import (
	"context"
	"errors"
	"fmt"
)

// ErrPublished is the error of discarding a build that readers see.
var ErrPublished = errors.New("redistarget: readers see this table; publish another build first")

// ErrEvicts is the error of a Redis that removes keys when its memory is full. It
// could remove the ledger and leave the rows, which would then all be counted twice.
var ErrEvicts = errors.New("redistarget: this Redis evicts keys without a lifetime when its memory is full (maxmemory-policy allkeys-…); set it to noeviction or volatile-…")

// A CommandError is a command of a handler that Redis could not run. Nothing of its
// transaction stands: what had run before it was undone in the same step.
type CommandError struct {
	Command string // its name and first argument
	Err     error  // what Redis said
}

// Error names the command and says what Redis said.
func (e *CommandError) Error() string {
	return fmt.Sprintf("redistarget: %s: %v; nothing of the transaction was kept", e.Command, e.Err)
}

// Unwrap returns what Redis said. It answers to redis.HasErrorPrefix.
func (e *CommandError) Unwrap() error { return e.Err }

// A TornError is a transaction of which Redis has run a part, and has then refused to
// have it undone: the rights were taken away meanwhile, say. The ledger may have gone
// back or not. The read model must be built anew, so that the runner ends.
type TornError struct {
	Command *CommandError // what could not be run
	Undo    error         // why what had run could not be undone
}

// Error says what has happened and what to do.
func (e *TornError) Error() string {
	return fmt.Sprintf("redistarget: %s failed (%v), and what had run before it could not be undone: %v; build the read model anew",
		e.Command.Command, e.Command.Err, e.Undo)
}

// Unwrap returns the reason why it was not undone.
func (e *TornError) Unwrap() error { return e.Undo }

// A serverError is what Redis said to a command of a script. It is known to
// redis.HasErrorPrefix as all errors of Redis are.
type serverError string

func (e serverError) Error() string { return string(e) }

// RedisError marks it as one of the server's.
func (serverError) RedisError() {}

// because says what was being done. An ended context is the reason, whatever the
// client made of it.
func because(ctx context.Context, doing string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("redistarget: %s: %w", doing, err)
}
