package brokertest

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
)

// brokerDown cuts the broker off again and again.
func brokerDown(k *relayKit) {
	k.needLine()
	k.feed(100, 10)
	k.relay(k.options(k.publisher()))
	for range 4 {
		_ = pause(k.ctx, time.Duration(k.rand.IntN(50))*time.Millisecond)
		k.Line.Cut()
		k.feed(50, 10)
		_ = pause(k.ctx, time.Duration(k.rand.IntN(200))*time.Millisecond)
		k.Line.Mend()
	}
	k.awaitAll()
	k.nothingParked()
}

// brokerSilent has the broker not answer for longer than the relay waits.
func brokerSilent(k *relayKit) {
	k.needLine()
	o := k.options(k.publisher())
	o.PublishTimeout = 200 * time.Millisecond
	held, resumed := make(chan struct{}, 1000), make(chan struct{}, 1000)
	o.OnHeld = func(int, time.Duration, error) { note(held) }
	o.OnResumed = func(time.Duration) { note(resumed) }
	k.relay(o)
	k.feed(50, 10)
	k.awaitAll()
	k.Line.Stall()
	k.feed(50, 10)
	k.wait(held)
	k.Line.Mend()
	k.wait(resumed)
	k.awaitAll()
	k.nothingParked()
}

func note(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (k *relayKit) wait(c chan struct{}) {
	k.Helper()
	select {
	case <-c:
	case <-k.ctx.Done():
		k.Fatal(context.Cause(k.ctx))
	}
}

// brokerFull has every third message refused for want of room; half of those
// have got through all the same.
func brokerFull(k *relayKit) {
	full := fmt.Errorf("%w: full", broker.ErrUnavailable)
	var n atomic.Int64
	o := k.options(&hooked{
		Publisher: k.publisher(),
		before: func(context.Context, *broker.Message) error {
			if n.Add(1)%6 == 0 {
				return full
			}
			return nil
		},
		after: func(*broker.Message) error {
			if n.Load()%6 == 3 {
				return full
			}
			return nil
		},
	})
	o.MaxHold = time.Millisecond
	o.OnFailed = func(e *cairn.Recorded, attempt int, parked bool, err error) {
		k.Errorf("an outage counts as attempt %d at %s: %v", attempt, e.Stream, err)
	}
	k.relay(o)
	k.feed(300, 10)
	k.awaitAll()
	k.nothingParked()
}
