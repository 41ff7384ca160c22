package storetest

import (
	"context"
	"errors"

	"github.com/cairndb/cairn"
)

// contextsEndCalls ends calls before they begin.
func contextsEndCalls(k *kit) {
	k.append("s-1", cairn.NoStream, "a")
	ctx, cancel := context.WithCancelCause(k.ctx)
	cause := errors.New("the cause")
	cancel(cause)
	before := k.head()
	_, err := k.store.Append(ctx, "s-1", cairn.Any, events("x")...)
	endedBy(k, "append", err, cause)
	_, err = k.store.Commit(ctx, cairn.Batch{Writes: []cairn.Write{{Stream: "s-1", Expected: cairn.Any, Delete: cairn.Tombstone}}})
	endedBy(k, "commit", err, cause)
	_, err = k.store.Info(ctx)
	endedBy(k, "info", err, cause)
	_, err = k.store.StreamInfo(ctx, "s-1")
	endedBy(k, "stream info", err, cause)
	for _, reads := range []map[string]pairs{everyRead(ctx, k), everyFollow(ctx, k)} {
		for name, read := range reads {
			got, err := cairn.Collect(read)
			endedBy(k, name, err, cause)
			same(k, name+": events", len(got), 0)
		}
	}
	same(k, "head", k.head(), before)
}

func endedBy(k *kit, what string, err, cause error) {
	k.Helper()
	if !errors.Is(err, cause) {
		k.Errorf("%s: got %v, want the cause of the context's end, %v", what, err, cause)
	}
}

// contextsEndReads ends the context in the body of a read that has more.
func contextsEndReads(k *kit) {
	k.append("s-1", cairn.NoStream, "a", "b", "c")
	for name := range everyRead(k.ctx, k) {
		contextEndsRead(k, name, everyRead)
	}
	for name := range everyFollow(k.ctx, k) {
		contextEndsRead(k, name, everyFollow)
	}
}

func contextEndsRead(k *kit, name string, reads func(context.Context, *kit) map[string]pairs) {
	k.Helper()
	ctx, cancel := context.WithCancelCause(k.ctx)
	defer cancel(nil)
	cause, n := errors.New("the cause"), 0
	var last error
	for _, err := range reads(ctx, k)[name] {
		n, last = n+1, err
		cancel(cause)
	}
	endedBy(k, name, last, cause)
	same(k, name+": pairs", n, 2)
}

// contextsEndWaiting ends the context of followers that have caught up.
func contextsEndWaiting(k *kit) {
	k.append("s-1", cairn.NoStream, "a")
	cause := errors.New("the cause")
	log := k.follow(cairn.AllOptions{})
	log.caughtUp(1)
	log.cancel(cause)
	endedBy(k, "log", log.failure(), cause)
	stream := k.followStream("missing", cairn.ReadOptions{})
	stream.caughtUp(-1)
	stream.cancel(cause)
	endedBy(k, "stream", stream.failure(), cause)
}
