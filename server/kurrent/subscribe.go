package kurrent

import (
	"context"
	"math"
	"sync"

	"github.com/cairndb/cairn"
)

// subscribeStream answers a subscription to a stream. It ends when the caller
// goes, may not read the stream any more, or the stream is closed.
func (p *reading) subscribeStream() error {
	info, err := p.service.streamInfo(p.ctx, p.stream)
	if err != nil {
		return err
	}
	if info.State == cairn.StreamTombstoned {
		return streamDeleted(p.stream)
	}
	if err := p.out.confirm(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(p.ctx)
	defer cancel(nil)
	o := cairn.ReadOptions{From: p.start.next(info.Last), Follow: true}
	o.CaughtUp = once(cancel, p.out.caughtUpStream)
	for f, err := range p.service.readStream(ctx, p.stream, o) {
		if err != nil {
			return err
		}
		if err := p.send(f); err != nil {
			return err
		}
	}
	return nil
}

// once is f for the first time it is called: a subscription becomes live once. If
// that fails, what is being read ends.
func once[T any](cancel context.CancelCauseFunc, f func(T) error) func(T) {
	return func(v T) {
		if f == nil {
			return
		}
		if err := f(v); err != nil {
			cancel(err)
		}
		f = nil
	}
}

// next is the revision to follow a stream from that stands at last: the one
// behind the revision given.
func (s *startAt) next(last cairn.Revision) cairn.Revision {
	switch {
	case s.end:
		return last + 1
	case s.given:
		return min(s.revision, math.MaxInt64-1) + 1
	}
	return 0
}

// watchAccess returns a context that ends when the caller may not read a stream
// any more, and what ends the watch. Whoever runs an insecure server may read
// everything.
func (s *Service) watchAccess(ctx context.Context, stream string) (context.Context, func()) {
	c := s.access
	if c.Insecure() {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	watching.Go(func() {
		for {
			changed := c.Changed() // asked for first, so that no change is missed
			if err := s.mayRead(ctx, stream); err != nil {
				cancel(err)
				return
			}
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	})
	return ctx, func() {
		cancel(nil)
		watching.Wait()
	}
}
