package targettest

import (
	"context"
	"testing"

	"github.com/cairndb/cairn/projection"
)

// blames breaks Fault.
func blames(fault func(err error) projection.Fault) func(b *breakable) {
	return func(b *breakable) { b.fault = fault }
}

// always is a Fault that knows one answer.
func always(f projection.Fault) func(b *breakable) {
	return blames(func(error) projection.Fault { return f })
}

var faultFlaws = []flaw{
	{name: "always the event", target: always(projection.FaultEvent), caughtBy: []string{"Faults/MissingTables", "Faults/Clashes", "Faults/Connections", "Faults/ConnectionsInUpdates", "Faults/Down", "Faults/Rights"}},
	{name: "always the database", target: always(projection.FaultDown), caughtBy: []string{"Faults/Handlers", "Faults/Constraints", "Faults/MissingTables", "Faults/Clashes", "Faults/Rights", "Undo/Errors"}},
	{name: "faults by the outermost error", target: blames(func(err error) projection.Fault {
		switch err {
		case errDown:
			return projection.FaultDown
		case errClash:
			return projection.FaultAgain
		case errLocked, errMissing:
			return projection.FaultSetup
		}
		return projection.FaultEvent
	}), caughtBy: []string{"Faults/MissingTables", "Faults/Clashes", "Faults/Connections", "Faults/Down", "Faults/Rights"}},
	{name: "never well again", waits: true, target: func(b *breakable) {
		updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
			if b.lost {
				return errDown
			}
			return good(ctx, c, fn)
		})(b)
	}, subject: func(b *breakable, s *Subject[memTx]) {
		s.Faults.Cut = func(testing.TB) { b.lost = true }
	}, caughtBy: []string{"Faults/Connections"}},
	{name: "a lost connection has written", target: func(b *breakable) {
		updates(func(ctx context.Context, good memUpdate, c projection.Change, fn memFn) error {
			var failure error
			err := good(ctx, projection.Change{Expect: c.Expect}, func(ctx context.Context, tx memTx) error {
				failure = fn(ctx, tx)
				return nil
			})
			if failure != nil || err != nil {
				return failure
			}
			return good(ctx, c, nothing)
		})(b)
	}, caughtBy: []string{"Faults/ConnectionsInUpdates"}},
}
