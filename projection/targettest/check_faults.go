package targettest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/cairndb/cairn/projection"
)

// faultsOfHandlers are the event's, however they are wrapped.
func faultsOfHandlers[Tx any](k *kit[Tx]) {
	own := errors.New("out of stock")
	for _, err := range []error{own, &projection.EventError{Position: 1, Err: own}, fmt.Errorf("item: %w", own), errors.Join(own, errEnough), projection.Park(own), &projection.PanicError{Value: "oh"}} {
		k.fault(err, projection.FaultEvent)
	}
}

// fault checks whose an error is said to be.
func (k *kit[Tx]) fault(err error, want ...projection.Fault) {
	k.Helper()
	for _, wrapped := range []error{err, &projection.EventError{Position: 1, Err: err}, fmt.Errorf("wrapped: %w", err)} {
		if got := k.Target.Fault(wrapped); err == nil || !slices.Contains(want, got) {
			k.Errorf("Fault(%v) is %v, want %v", wrapped, got, want)
		}
	}
}

// faultsOfRows are violated constraints: the event's own.
func faultsOfRows[Tx any](k *kit[Tx]) {
	if k.Faults.Violate == nil {
		k.Skip("the subject knows no constraint")
	}
	k.make(table)
	k.apply(put("lane/0", "1"))
	for range 20 {
		err := k.Target.Update(k.ctx, move("lane/0", "1", "2"), func(ctx context.Context, tx Tx) error { return k.Faults.Violate(ctx, tx, table) })
		k.fault(err, projection.FaultEvent)
	}
	k.undone()
}

// faultsOfSetup are tables that are not there.
func faultsOfSetup[Tx any](k *kit[Tx]) {
	if k.Faults.Missing == nil {
		k.Skip("the subject needs no tables")
	}
	k.make(table)
	k.apply(put("lane/0", "1"))
	for range 20 {
		err := k.Target.Update(k.ctx, move("lane/0", "1", "2"), func(ctx context.Context, tx Tx) error { return k.Faults.Missing(ctx, tx, "missing") })
		k.fault(err, projection.FaultSetup)
	}
	k.undone()
}

// faultsOfOthers are lost races.
func faultsOfOthers[Tx any](k *kit[Tx]) {
	if k.Faults.Clash == nil {
		k.Skip("the subject knows no way to lose")
	}
	k.fault(k.Faults.Clash(k), projection.FaultAgain)
}

// faultsOfConnections: each way to use the target may notice once that they are
// gone, or a few times where there are many, and then it works again.
func faultsOfConnections[Tx any](k *kit[Tx]) {
	if k.Faults.Cut == nil {
		k.Skip("the subject cannot cut connections")
	}
	k.make(table)
	k.apply(put("lane/0", "0"))
	calls := []func(n int) error{
		func(int) error { _, err := k.Target.Entries(k.ctx, ""); return err },
		func(n int) error { return k.Target.Apply(k.ctx, move("lane/0", fmt.Sprint(n), fmt.Sprint(n+1))) },
		func(n int) error {
			return k.Target.Update(k.ctx, move("lane/0", fmt.Sprint(n), fmt.Sprint(n+1)), k.writes(k.row("a", int64(n))))
		},
	}
	for i := range 12 {
		k.Faults.Cut(k)
		for {
			n, err := k.stands(k.Second, "lane/0")
			if err != nil {
				k.Fatalf("the other target has lost its connections too: %v", err)
			}
			if err = calls[i%3](n); err == nil {
				break
			}
			k.fault(err, projection.FaultDown, projection.FaultAgain)
			if k.ctx.Err() != nil {
				k.Fatalf("the target does not recover: %v", err)
			}
		}
	}
}

// faultsMeanwhile: the connection of an update is lost while its function runs.
func faultsMeanwhile[Tx any](k *kit[Tx]) {
	if k.Faults.Cut == nil {
		k.Skip("the subject cannot cut connections")
	}
	k.make(table)
	k.apply(put("lane/0", "1"))
	for range 5 {
		err := k.Target.Update(k.ctx, move("lane/0", "1", "2"), func(ctx context.Context, tx Tx) error {
			if err := k.Put(ctx, tx, k.row("a", 1)); err != nil {
				return err
			}
			k.Faults.Cut(k)
			return k.Put(ctx, tx, k.row("b", 1))
		})
		if err == nil {
			k.entries("lane/", projection.Entry{Key: "lane/0", Value: "2"}) // it had no need of the connection
			return
		}
		k.fault(err, projection.FaultDown, projection.FaultAgain)
	}
	k.recovers()
	k.undone()
}

// recovers waits until the target has got over what was cut.
func (k *kit[Tx]) recovers() {
	k.Helper()
	for {
		_, err := k.Target.Entries(k.ctx, "")
		if err == nil {
			return
		}
		k.fault(err, projection.FaultDown, projection.FaultAgain)
		if k.ctx.Err() != nil {
			k.Fatalf("the target does not recover: %v", err)
		}
	}
}

// faultsOfDatabases that are down.
func faultsOfDatabases[Tx any](k *kit[Tx]) {
	if k.Faults.Down == nil {
		k.Skip("the subject has no database that is down")
	}
	k.fails(k.Faults.Down(k), projection.FaultDown)
}

// faultsOfRights are for a person to mend.
func faultsOfRights[Tx any](k *kit[Tx]) {
	if k.Faults.Locked == nil {
		k.Skip("the subject has no database that keeps others out")
	}
	k.fails(k.Faults.Locked(k), projection.FaultSetup)
}

// fails checks how each call of a target fails that cannot do any.
func (k *kit[Tx]) fails(t projection.Target[Tx], want projection.Fault) {
	k.Helper()
	_, err := t.Entries(k.ctx, "")
	k.fault(err, want)
	k.fault(t.Apply(k.ctx, put("lane/0", "1")), want)
	k.fault(t.Update(k.ctx, put("lane/0", "1"), func(context.Context, Tx) error {
		k.Errorf("Update ran its function without a database")
		return nil
	}), want)
}

// errorsAre reports whether an error is one of several.
func errorsAre(err error, any ...error) bool {
	return slices.ContainsFunc(any, func(target error) bool { return errors.Is(err, target) })
}
