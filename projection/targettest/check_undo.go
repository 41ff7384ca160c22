package targettest

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn/projection"
)

// errorsUndo what their function has written, and arrive as they were.
func errorsUndo[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(put("lane/0", "1"))
	for i := range 40 { // more than there are connections
		failure := &projection.EventError{Position: 7, Err: errEnough}
		err := k.Target.Update(k.ctx, move("lane/0", "1", "2"), func(ctx context.Context, tx Tx) error {
			if err := k.Put(ctx, tx, k.row(fmt.Sprint("a", i), 1)); err != nil {
				return err
			}
			return failure
		})
		if got, ok := errors.AsType[*projection.EventError](err); !ok || got != failure {
			k.Fatalf("Update: got %v, want the error of its function", err)
		}
		if f := k.Target.Fault(err); f != projection.FaultEvent {
			k.Errorf("Fault of an error of the handler's own: %v", f)
		}
	}
	k.undone()
}

// errorsUndoAll takes back what was put over, added to and deleted.
func errorsUndoAll[Tx any](k *kit[Tx]) {
	k.make(table)
	k.update(put("lane/0", "1"), k.writes(k.row("a", 1), k.row("b", 2), k.row("c", 3)))
	err := k.Target.Update(k.ctx, move("lane/0", "1", "2"), func(ctx context.Context, tx Tx) error {
		err := errors.Join(k.Put(ctx, tx, k.row("a", 9)), k.Add(ctx, tx, k.row("b", 9)), k.Put(ctx, tx, k.row("d", 9)))
		if k.Delete != nil {
			err = errors.Join(err, k.Delete(ctx, tx, k.row("c", 0)))
		}
		return errors.Join(err, errEnough)
	})
	k.ended("Update", err)
	k.rows(table, map[string]int64{"a": 1, "b": 2, "c": 3})
	k.entries("lane/", projection.Entry{Key: "lane/0", Value: "1"})
}

// errorsUndoTables takes back tables too.
func errorsUndoTables[Tx any](k *kit[Tx]) {
	for range 3 {
		err := k.Target.Update(k.ctx, put("lane/0", "1"), func(ctx context.Context, tx Tx) error {
			if err := k.setUp(ctx, tx, table); err != nil {
				return err
			}
			return errors.Join(k.Put(ctx, tx, k.row("a", 1)), errEnough)
		})
		k.ended("Update", err)
		k.gone(table)
		k.entries("")
	}
	k.make(table)
	k.rows(table, map[string]int64{})
}

// gone checks that a table is not there, or empty.
func (k *kit[Tx]) gone(table string) {
	k.Helper()
	if got, err := k.Rows(k.ctx, table); err == nil && len(got[0]) > 0 {
		k.Errorf("%s should not be there, and holds %v", table, got[0])
	}
}

// panics in the function leave nothing behind. The target may pass them on, or
// return an error.
func panics[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(put("lane/0", "1"))
	for range 40 { // more than there are connections
		func() {
			defer func() { _ = recover() }()
			err := k.Target.Update(k.ctx, move("lane/0", "1", "2"), func(ctx context.Context, tx Tx) error {
				if err := k.Put(ctx, tx, k.row("a", 1)); err != nil {
					return err
				}
				panic("as a handler does")
			})
			if err == nil {
				k.Errorf("Update succeeded although its function panicked")
			}
		}()
	}
	k.undone()
}
