package rpc

import (
	"context"
	"sync"
)

// permitted asks whether the caller may, and for a follower asks again whenever
// that may have changed: the context returned ends when they may no more. The
// caller calls stop at the end.
func (s *Service) permitted(ctx context.Context, follow bool, may func(context.Context) error) (_ context.Context, stop func(), err error) {
	if !follow || s.control.Insecure() {
		return ctx, func() {}, may(ctx)
	}
	changed := s.control.Changed() // asked for first, so that no change is missed
	if err := may(ctx); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { cancel(s.until(ctx, changed, may)) })
	return ctx, func() {
		cancel(nil)
		watching.Wait()
	}, nil
}

// until returns when the caller may no more, or ctx ends.
func (s *Service) until(ctx context.Context, changed <-chan struct{}, may func(context.Context) error) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
		changed = s.control.Changed()
		if err := may(ctx); err != nil {
			return err
		}
	}
}
