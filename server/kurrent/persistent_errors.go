package kurrent

import (
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"

	"github.com/cairndb/cairn/server/kurrent/persistent"
)

// faultOfPersistent is the fault of an error of a persistent subscription; nil if
// it is none.
func faultOfPersistent(err error) *fault {
	if e, ok := errors.AsType[*persistent.FailedError](err); ok {
		return persistentFault(codes.Internal, e.Key, "persistent-subscription-failed",
			fmt.Sprintf("Subscription group %s on stream %s failed: '%s'", e.Key.Group, e.Key.Stream, e.Reason), "reason", e.Reason)
	}
	if errors.Is(err, persistent.ErrClosed) {
		return errShutdown
	}
	e, ok := errors.AsType[*persistent.KeyError](err)
	if !ok {
		return nil
	}
	for _, known := range []struct {
		err       error
		code      codes.Code
		exception string
		format    string
	}{
		{persistent.ErrMissing, codes.NotFound, "persistent-subscription-does-not-exist", "Subscription group %s on stream %s does not exist."},
		{persistent.ErrExists, codes.AlreadyExists, "persistent-subscription-exists", "Subscription group %s on stream %s exists."},
		{persistent.ErrFull, codes.FailedPrecondition, "maximum-subscribers-reached", "Maximum subscriptions reached for subscription group %s on stream %s."},
		{persistent.ErrDropped, codes.Canceled, "persistent-subscription-dropped", "Subscription group %s on stream %s was dropped."},
	} {
		if errors.Is(err, known.err) {
			return persistentFault(known.code, e.Key, known.exception, fmt.Sprintf(known.format, e.Key.Group, e.Key.Stream))
		}
	}
	return nil
}

func persistentFault(code codes.Code, k persistent.Key, exception, message string, more ...string) *fault {
	return newFault(code, message, exception, append([]string{"stream-name", k.Stream, "group-name", k.Group}, more...)...)
}
