package platform

import (
	"context"
	"errors"
	"sync"
)

// errEnded is the cause of the end of those whose companion has ended without
// saying why.
var errEnded = errors.New("a part of the service has ended")

// Together runs parts until ctx ends or one of them does, which ends the others.
// It returns when none runs, with the cause.
func Together(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	var all sync.WaitGroup
	for _, part := range parts {
		all.Go(func() {
			err := part(ctx)
			if err == nil {
				err = errEnded
			}
			end(err)
		})
	}
	all.Wait()
	return context.Cause(ctx)
}
