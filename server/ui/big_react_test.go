package ui_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/timer"
)

// lastReaction is the group that is written last.
const lastReaction = "parking"

// react writes what many groups, projections, sagas and timers leave behind.
func react(ctx context.Context, store *disk.Store, n int) error {
	for i := range n {
		err := errors.Join(
			reactGroup(ctx, store, fmt.Sprintf("group-%d", i), group.Options{Query: cairn.ByType("Rare")}, rares, nil),
			reactProjection(ctx, store, fmt.Sprintf("projection-%d", i)),
		)
		if err != nil {
			return err
		}
	}
	if err := errors.Join(reactSaga(ctx, store, 10*n), setTimers(ctx, store, 100*n)); err != nil {
		return err
	}
	each := func(e *cairn.Recorded) string { return e.ID.String() }
	return errors.Join(
		reactGroup(ctx, store, "behind", group.Options{}, 1000, nil),
		reactGroup(ctx, store, lastReaction, group.Options{Query: cairn.ByType("Booked"), Key: each}, 500, group.Park(errors.New("no such account"))),
	)
}

// reactGroup runs a group until it has handled as many events.
func reactGroup(ctx context.Context, store *disk.Store, name string, o group.Options, events int64, outcome error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var handled atomic.Int64
	err := group.Run(ctx, store, name, o, func(context.Context, cairn.Recorded) error {
		if handled.Add(1) == events {
			defer stop()
		}
		return outcome
	})
	return unlessStopped(err)
}

func unlessStopped(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// reactProjection runs a projection until it has said how far it is.
func reactProjection(ctx context.Context, store *disk.Store, name string) error {
	type rare struct{ Rare string }
	p := projection.Projection[*memtarget.Tx]{
		Name: name, Tables: []string{"rare"},
		Handler: projection.On(codec.JSON(codec.Types[rare]{"Rare": rare{}}), func(context.Context, *memtarget.Tx, rare, *projection.Event) error { return nil }),
	}
	return runUntil(ctx, func(ctx context.Context) error {
		return projection.Run(ctx, store, memtarget.New(), p, &projection.Options{Report: time.Millisecond})
	}, func(ctx context.Context) error {
		for _, err := range store.ReadStream(ctx, projection.ReportStream(name), cairn.ReadOptions{Follow: true, Limit: 1}) {
			return err
		}
		return nil
	})
}

// runUntil runs something until something else has happened.
func runUntil(ctx context.Context, run, happened func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() { done <- run(ctx) }()
	err := happened(ctx)
	stop()
	return errors.Join(err, unlessStopped(<-done))
}

type begun struct{}

// reactSaga starts instances that wait for something.
func reactSaga(ctx context.Context, store *disk.Store, n int) error {
	trips := saga.Definition[begun, any, any]{
		Name: "trips", Events: codec.JSON(codec.Types[any]{"trip.begun": begun{}}), Commands: codec.JSON(codec.Types[any]{"book": begun{}}),
		Correlate: func(_ any, r *cairn.Recorded) string { return r.Stream[len("trip-"):] },
		Starts:    func(any) bool { return true },
		Evolve:    func(s begun, _ any) begun { return s },
		Decide: func(s saga.Situation[begun], _ any) (d saga.Decision[any, any], err error) {
			d.Send = saga.To[any]("bookings", begun{})
			return d, nil
		},
	}
	for i := range n {
		if _, err := store.Append(ctx, fmt.Sprintf("trip-%d", i), cairn.Any, cairn.Event{Type: "trip.begun", Data: []byte(`{}`)}); err != nil {
			return err
		}
	}
	return runUntil(ctx, func(ctx context.Context) error { return saga.Run(ctx, store, trips, saga.Options{}) }, func(ctx context.Context) error {
		for _, err := range store.ReadAll(ctx, cairn.AllOptions{Query: cairn.ByType(saga.TypeStarted), Follow: true, Limit: n}) {
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// setTimers sets timers for the next year.
func setTimers(ctx context.Context, store *disk.Store, n int) error {
	var batches []cairn.Batch
	for i := range n {
		w, err := timer.Set(fmt.Sprintf("reminder-%d", i), time.Now().Add(time.Duration(i+1)*(365*24*time.Hour/time.Duration(n))), timer.Fire{Stream: "reminders", Event: cairn.Event{Type: "Reminded"}})
		if err != nil {
			return err
		}
		batches = append(batches, cairn.Batch{Writes: []cairn.Write{w}})
	}
	for _, o := range cairn.CommitEach(ctx, store, batches) {
		if o.Err != nil {
			return o.Err
		}
	}
	return nil
}
