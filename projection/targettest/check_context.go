package targettest

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn/projection"
)

var errEnough = errors.New("targettest: enough")

// contextsEnded have ended before the call: nothing is done.
func contextsEnded[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(put("lane/0", "1"))
	ctx, cancel := context.WithCancelCause(k.ctx)
	cancel(errEnough)
	_, err := k.Target.Entries(ctx, "")
	k.ended("Entries", err)
	k.ended("Apply", k.Target.Apply(ctx, move("lane/0", "1", "2")))
	k.ended("Update", k.Target.Update(ctx, move("lane/0", "1", "2"), func(ctx context.Context, tx Tx) error {
		k.Errorf("Update ran its function although its context had ended")
		return k.Put(k.ctx, tx, k.row("a", 1))
	}))
	if p, ok := k.Target.(projection.Publisher); ok {
		k.ended("Publish", p.Publish(ctx, move("lane/0", "1", "2"), nil, projection.Names{Build: 1}))
		k.ended("Discard", p.Discard(ctx, move("lane/0", "1", "2"), nil, projection.Names{Build: 1}))
	}
	k.entries("lane/", projection.Entry{Key: "lane/0", Value: "1"})
	k.rows(table, map[string]int64{})
}

// ended checks that an error is why the context has ended.
func (k *kit[Tx]) ended(what string, err error) {
	k.Helper()
	if !errors.Is(err, errEnough) {
		k.Errorf("%s: got %v, want the cause of its context's end, %v", what, err, errEnough)
	}
}

// contextsEndUpdates while their function runs: all is undone.
func contextsEndUpdates[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(put("lane/0", "1"))
	for i := range 20 {
		ctx, cancel := context.WithCancelCause(k.ctx)
		err := k.Target.Update(ctx, move("lane/0", "1", "2"), func(ctx context.Context, tx Tx) error {
			if err := k.Put(ctx, tx, k.row("a", int64(i))); err != nil {
				return err
			}
			cancel(errEnough)
			return nil
		})
		k.ended("Update whose function ends its context", err)
	}
	k.undone()
}

// undone checks that neither the entry nor a row was changed, and that the target
// can still be used.
func (k *kit[Tx]) undone() {
	k.Helper()
	k.entries("lane/", projection.Entry{Key: "lane/0", Value: "1"})
	if k.Target.Traits().Transactional {
		k.rows(table, map[string]int64{})
	}
	k.update(move("lane/0", "1", "2"), k.writes(k.row("after", 1)))
	if got := k.read(table)[0]; got["after"] != 1 {
		k.Errorf("after what was undone an update left %v", got)
	}
}

// contextsReachHandlers: a function that writes after its context has ended gets an
// error, or its update does.
func contextsReachHandlers[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(put("lane/0", "1"))
	for i := range 20 {
		ctx, cancel := context.WithCancelCause(k.ctx)
		err := k.Target.Update(ctx, move("lane/0", "1", "2"), func(ctx context.Context, tx Tx) error {
			cancel(errEnough)
			return k.Put(ctx, tx, k.row("a", int64(i)))
		})
		if err == nil {
			k.Errorf("Update succeeded although its context had ended")
		}
	}
	k.undone()
}

// contextsEndWaiting: who waits for an entry that another update holds waits no
// longer than its context lasts.
func contextsEndWaiting[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(put("lane/0", "1"))
	ctx, cancel := context.WithCancelCause(k.ctx)
	defer cancel(nil)
	waited := make(chan error, 2)
	err := k.Target.Update(k.ctx, move("lane/0", "1", "2"), once(func(ctxIn context.Context, tx Tx) error {
		if err := k.Put(ctxIn, tx, k.row("first", 1)); err != nil {
			return err
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			waited <- k.Second.Update(ctx, move("lane/0", "1", "3"), k.writes(k.row("second", 1)))
		}()
		k.aWhile(done)
		cancel(errEnough)
		select {
		case <-done:
			return nil
		case <-k.ctx.Done():
			return errors.New("who waits for an entry goes on waiting when its context has ended")
		}
	}))
	if k.ctx.Err() != nil {
		k.Fatalf("Update: %v", err)
	}
	switch second := <-waited; {
	case second == nil:
		k.oneOfTwo(err, nil, "lane/0")
	case !errors.Is(second, errEnough) && !errors.Is(second, projection.ErrMoved):
		k.Errorf("the one that waited: got %v, want the cause of its context's end, ErrMoved or none", second)
	case err != nil:
		k.Errorf("the one that was waited for: %v", err)
	default:
		k.entries("lane/", projection.Entry{Key: "lane/0", Value: "2"})
	}
}

// contextsEndAnywhere ends contexts at moments of chance, and counts.
func contextsEndAnywhere[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(put("lane/0", "0"))
	for i := range k.rounds(300) {
		at, err := k.stands(k.Target, "lane/0")
		if err != nil {
			k.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(k.ctx)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for range i * 50 {
				if k.ctx.Err() != nil { // takes a little time
					break
				}
			}
			cancel(errEnough)
		}()
		_ = k.Target.Update(ctx, move("lane/0", fmt.Sprint(at), fmt.Sprint(at+1)), k.adds(k.row("sum", 1)))
		<-ended
		k.agree("sum")
	}
}

// agree checks that the entry and a row that counts the same agree. An update that
// was given up may still be on its way, so that a moment is needed in which it
// does not arrive.
func (k *kit[Tx]) agree(key string) {
	k.Helper()
	for {
		before, err1 := k.stands(k.Second, "lane/0")
		row := k.read(table)[0][key]
		after, err2 := k.stands(k.Second, "lane/0")
		if err := errors.Join(err1, err2); err != nil {
			k.Fatal(err)
		}
		if before == after {
			if row != int64(before) {
				k.Fatalf("the entry says %d and the row %d", before, row)
			}
			return
		}
	}
}
