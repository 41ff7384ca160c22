package system

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/bench/internal/measure"
	cairngroup "github.com/cairndb/cairn/group"
)

var errDone = errors.New("system: everything is settled")

// React implements [Reactor] with the defaults of package group.
func (s Embedded) React(ctx context.Context, w Reaction) error {
	return ReactOn(ctx, w, func(int) cairn.Store { return s.Store })
}

// ReactOn is a group of which each member has a way of its own to the store.
func ReactOn(ctx context.Context, w Reaction, store func(member int) cairn.Store) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var settled atomic.Int64
	o := cairngroup.Options{OnSettled: func(*cairn.Recorded, int) {
		if settled.Add(1) == w.Events {
			cancel(errDone)
		}
	}}
	handle := func(_ context.Context, e cairn.Recorded) error {
		w.Handle(e.Data)
		return nil
	}
	var members errgroup.Group
	for i := range w.Members {
		members.Go(func() error {
			err := cairngroup.Run(ctx, store(i), w.Group, o, handle)
			if errors.Is(err, errDone) {
				return nil
			}
			return err
		})
	}
	return members.Wait()
}

// Left implements [Reactor]. What the status says is only a limit: a partition
// that was on its way from one member to another when the last event was settled
// stands where it was let go, so a member that comes now has to look.
func (s Embedded) Left(ctx context.Context, name string) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var left atomic.Int64
	late := make(chan error, 1)
	go func() {
		late <- cairngroup.Run(ctx, s.Store, name, cairngroup.Options{}, func(context.Context, cairn.Recorded) error {
			left.Add(1)
			return nil
		})
	}()
	err := s.idle(ctx, name)
	cancel(errDone)
	if ended := <-late; !errors.Is(ended, errDone) {
		err = errors.Join(err, ended)
	}
	return left.Load(), err
}

// idle waits until nothing is to be settled.
func (s Embedded) idle(ctx context.Context, name string) error {
	for {
		status, err := cairngroup.Status(ctx, s.Store, name)
		if err == nil && status.ParkedEvents > 0 {
			err = fmt.Errorf("system: %d events were parked", status.ParkedEvents)
		}
		if err != nil || status.Lag == 0 {
			return err
		}
		if err := measure.Pause(ctx, 10*time.Millisecond); err != nil {
			return err
		}
	}
}

// Cairn implements [Owner].
func (s Embedded) Cairn() cairn.Store { return s.Store }
