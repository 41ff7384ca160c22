package broker

import (
	"context"
	"fmt"
	"runtime/debug"
)

// Attempt calls a handler, for those who make a [Subscriber]: if it panics the
// error is a [*PanicError].
func Attempt(ctx context.Context, d Delivery, handle func(context.Context, Delivery) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return handle(ctx, d)
}

// A PanicError is the failure of a handler, a mapping or a publisher that panicked.
type PanicError struct {
	Value any    // what it panicked with
	Stack []byte // where
}

// Error says what it panicked with.
func (e *PanicError) Error() string { return fmt.Sprintf("broker: panicked: %v", e.Value) }
