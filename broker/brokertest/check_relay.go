package brokertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/group"
)

// A hooked publisher has something happen before or after it publishes.
type hooked struct {
	broker.Publisher
	before func(context.Context, *broker.Message) error
	after  func(*broker.Message) error
}

func (h *hooked) Publish(ctx context.Context, m broker.Message) error {
	if h.before != nil {
		if err := h.before(ctx, &m); err != nil {
			return err
		}
	}
	err := h.Publisher.Publish(ctx, m)
	if err == nil && h.after != nil {
		err = h.after(&m)
	}
	return err
}

// killedRelay kills relays that have published and written nothing down.
func killedRelay(k *relayKit) {
	p := k.publisher()
	var mu sync.Mutex
	published := map[string]int{}
	repeated := 0
	count := func(m *broker.Message) {
		mu.Lock()
		defer mu.Unlock()
		if published[m.Event.ID()]++; published[m.Event.ID()] == 2 {
			repeated++
		}
	}
	for range 4 {
		k.feed(60, 10)
		cut := make(chan struct{}, 1000)
		var n atomic.Int64
		var r *runningRelay
		begin := make(chan struct{})
		o := k.options(&hooked{Publisher: p, after: func(m *broker.Message) error {
			<-begin
			count(m)
			if n.Add(1) == 20 {
				r.store.Cut() // at this very moment
				cut <- struct{}{}
			}
			return nil
		}})
		o.Group.CheckpointEvery, o.Group.CheckpointAfter = time.Hour, 1<<20
		r = k.relay(o)
		close(begin)
		select {
		case <-cut:
		case <-k.ctx.Done():
			k.Fatalf("only %d messages were published: %v", n.Load(), context.Cause(k.ctx))
		}
		k.kill(r)
	}
	k.relay(k.options(&hooked{Publisher: p, after: func(m *broker.Message) error { count(m); return nil }}))
	k.awaitAll()
	mu.Lock()
	defer mu.Unlock()
	if repeated == 0 {
		k.Error("no message was published twice, so nothing was killed in between")
	}
}

// twoRelays pauses a relay with messages in its hands until another one has
// taken over, and lets it publish them then.
func twoRelays(k *relayKit) {
	p := k.publisher()
	holding, goOn := make(chan struct{}, 1000), make(chan struct{})
	release := sync.OnceFunc(func() { close(goOn) })
	defer release()
	k.feed(60, 6)
	first := k.relay(k.options(&hooked{Publisher: p, before: func(ctx context.Context, _ *broker.Message) error {
		holding <- struct{}{}
		select {
		case <-goOn:
		case <-k.ctx.Done():
		}
		return nil
	}}))
	select {
	case <-holding:
	case <-k.ctx.Done():
		k.Fatal(context.Cause(k.ctx))
	}
	resume := first.store.Pause()
	k.relay(k.options(p))
	k.awaitAll()
	release()
	resume()
	k.feed(60, 6)
	k.awaitAll()
	k.nothingParked()
}

// poisoned has one message rejected, until somebody mends it.
func poisoned(k *relayKit) {
	var mended atomic.Bool
	o := k.options(&hooked{Publisher: k.publisher(), before: func(_ context.Context, m *broker.Message) error {
		if m.Event.Subject() == "in-0" && !mended.Load() {
			return fmt.Errorf("%w: poisoned", broker.ErrRejected)
		}
		return nil
	}})
	parked := make(chan struct{}, 1000)
	o.OnFailed = func(_ *cairn.Recorded, attempt int, is bool, _ error) {
		if attempt != 1 || !is {
			k.Error("what the broker rejects is tried again")
		}
		note(parked)
	}
	k.feed(100, 5)
	k.relay(o)
	k.wait(parked)
	healthy := k.total - k.put["in-0"]
	k.await(k.heard, "the other keys", func(all []broker.Delivery) bool { return distinct(all) == healthy })
	mended.Store(true)
	for replayed := false; !replayed; { // what is parked may still have to be written down
		err := group.Replay(k.ctx, k.store, relayName, "in-0")
		if err != nil && !errors.Is(err, group.ErrUnknown) || k.ctx.Err() != nil {
			k.Fatal(err)
		}
		if replayed = err == nil; !replayed {
			_ = pause(k.ctx, 10*time.Millisecond)
		}
	}
	k.feed(50, 5)
	k.awaitAll()
}

// relayStory does anything.
func relayStory(k *relayKit) {
	p := k.publisher()
	down := false
	k.relay(k.options(p))
	for range 30 {
		switch n := k.rand.IntN(10); {
		case n < 4:
			k.feed(10+k.rand.IntN(30), 12)
		case n < 6 && len(k.relays) < 4:
			k.relay(k.options(p))
		case n < 8 && len(k.relays) > 0:
			k.kill(k.relays[k.rand.IntN(len(k.relays))])
		case k.Line != nil && down:
			k.Line.Mend()
			down = false
		case k.Line != nil:
			k.Line.Cut()
			down = true
		}
		_ = pause(k.ctx, time.Duration(k.rand.IntN(20))*time.Millisecond)
	}
	if down {
		k.Line.Mend()
	}
	k.relay(k.options(p))
	k.feed(20, 12)
	k.awaitAll()
	k.nothingParked()
}
