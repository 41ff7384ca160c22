package storetest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"time"

	"github.com/cairndb/cairn"
)

// pairs are an iterator of either kind.
type pairs = iter.Seq2[cairn.Recorded, error]

// everyRead is one iterator of each kind over "s-1" and what is in the log.
func everyRead(ctx context.Context, k *kit) map[string]pairs {
	return map[string]pairs{
		"stream":            k.store.ReadStream(ctx, "s-1", cairn.ReadOptions{}),
		"stream backward":   k.store.ReadStream(ctx, "s-1", cairn.ReadOptions{Backward: true}),
		"log":               k.store.ReadAll(ctx, cairn.AllOptions{}),
		"log backward":      k.store.ReadAll(ctx, cairn.AllOptions{Backward: true}),
		"filtered":          k.store.ReadAll(ctx, cairn.AllOptions{Query: cairn.ByCategory("s")}),
		"filtered backward": k.store.ReadAll(ctx, cairn.AllOptions{Query: cairn.ByCategory("s"), Backward: true}),
	}
}

func everyFollow(ctx context.Context, k *kit) map[string]pairs {
	return map[string]pairs{
		"stream":   k.store.ReadStream(ctx, "s-1", cairn.ReadOptions{Follow: true}),
		"log":      k.store.ReadAll(ctx, cairn.AllOptions{Follow: true}),
		"filtered": k.store.ReadAll(ctx, cairn.AllOptions{Query: cairn.ByCategory("s"), Follow: true}),
	}
}

// bodyAppends writes to the store from within a read of it. The read is a
// snapshot and does not see that.
func bodyAppends(k *kit) {
	k.append("s-1", cairn.NoStream, "a", "b", "c")
	for name, read := range everyRead(k.ctx, k) {
		had, n := len(k.read("s-1", cairn.ReadOptions{})), 0
		for e, err := range read {
			if err != nil {
				k.Fatalf("%s: %v", name, err)
			}
			if n < 2 {
				k.append("s-1", cairn.Any, "appended")
			}
			if got := k.read(e.Stream, cairn.ReadOptions{From: e.Revision, Limit: 1}); len(got) != 1 || got[0].Position != e.Position {
				k.Errorf("%s: a read in the body of a read finds %v", name, got)
			}
			n++
		}
		same(k, name+": events of a snapshot", n, had)
	}
}

// bodyDeletes deletes the stream that is being read. That neither blocks nor
// fails; how much of the stream is still seen is the engine's business.
func bodyDeletes(k *kit) {
	for i, how := range []cairn.Deletion{cairn.SoftDelete, cairn.Tombstone} {
		stream := fmt.Sprint("doomed-", i)
		k.append(stream, cairn.NoStream, "a", "b", "c")
		for e, err := range k.store.ReadStream(k.ctx, stream, cairn.ReadOptions{}) {
			if err != nil && !errors.Is(err, cairn.ErrStreamDeleted) {
				k.Fatalf("read of a stream deleted meanwhile: %v", err)
			}
			if err == nil && e.Revision == 0 {
				k.delete(stream, how)
			}
		}
	}
}

// iteratorsReadAnew uses iterators twice.
func iteratorsReadAnew(k *kit) {
	k.append("s-1", cairn.NoStream, "a", "b", "c")
	for name, read := range everyRead(k.ctx, k) {
		first, err := cairn.Collect(read)
		if err != nil {
			k.Fatalf("%s: %v", name, err)
		}
		k.append("s-1", cairn.Any, "d")
		second, err := cairn.Collect(read)
		if err != nil || len(second) != len(first)+1 {
			k.Errorf("%s: read again after an append: %d events after %d, %v", name, len(second), len(first), err)
		}
	}
}

// leavingReleases leaves reads and follows in every way there is and counts
// the goroutines left behind.
func leavingReleases(k *kit) {
	k.append("s-1", cairn.NoStream, "a", "b", "c")
	leave(k)
	before := runtime.NumGoroutine()
	for range 50 {
		leave(k)
	}
	settle(k, before)
}

func leave(k *kit) {
	k.Helper()
	for _, reads := range []map[string]pairs{everyRead(k.ctx, k), everyFollow(k.ctx, k)} {
		for name, read := range reads {
			for i, leave := range []func(pairs) error{leaveByBreak, leaveByReturn, leaveByPanic, leaveByStop} {
				if err := leave(read); err != nil {
					k.Errorf("%s, left in way %d: %v", name, i, err)
				}
			}
		}
	}
}

func leaveByBreak(read pairs) (failed error) {
	for _, err := range read {
		failed = err
		break
	}
	return failed
}

func leaveByReturn(read pairs) error {
	for _, err := range read {
		return err
	}
	return nil
}

func leaveByPanic(read pairs) (failed error) {
	defer func() { _ = recover() }()
	for _, err := range read {
		failed = err
		panic("out of here")
	}
	return nil
}

func leaveByStop(read pairs) error {
	next, stop := iter.Pull2(read)
	defer stop()
	_, err, _ := next()
	return err
}

// settle waits until no more goroutines run than before.
func settle(k *kit, before int) {
	k.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for runtime.NumGoroutine() > before {
		select {
		case <-tick.C:
		case <-k.ctx.Done():
			stacks := make([]byte, 1<<16)
			k.Fatalf("%d goroutines are left of %d:\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
		}
	}
}
