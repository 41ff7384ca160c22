package brokertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cairndb/cairn/broker"
)

// unavailable publishes, with little time, what cannot be.
func (k *kit) unavailable(p broker.Publisher, id string) {
	k.Helper()
	ctx, cancel := context.WithTimeout(k.ctx, time.Second)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- p.Publish(ctx, message(k.Topic, "a", id)) }()
	select {
	case err := <-done:
		if !errors.Is(err, broker.ErrUnavailable) || errors.Is(err, broker.ErrRejected) {
			k.Errorf("publishing ended with %v, and not with ErrUnavailable", err)
		}
	case <-k.ctx.Done():
		k.Fatal("Publish does not return when its context has ended")
	}
}

// down cuts the broker off and lets it come back.
func down(k *kit) {
	k.needLine()
	l := k.listen(Subscription{}, nil)
	p := k.publisher()
	k.publish(p, message(k.Topic, "a", "before"))
	k.Line.Cut()
	k.unavailable(p, "meanwhile")
	k.unavailable(p, "meanwhile")
	k.Line.Mend()
	k.recovers(l, p)
}

// recovers wants a message to arrive without anybody's help.
func (k *kit) recovers(l *listener, p broker.Publisher) {
	k.Helper()
	if err := k.insist(p, message(k.Topic, "a", "after")); err != nil {
		k.Fatalf("the broker is back, and publishing still fails: %v", err)
	}
	k.await(l, "a message after the outage", func(all []broker.Delivery) bool {
		for _, d := range all {
			if d.Event.ID() == "after" {
				return true
			}
		}
		return false
	})
}

// silent has the broker not answer.
func silent(k *kit) {
	k.needLine()
	l := k.listen(Subscription{}, nil)
	p := k.publisher()
	k.publish(p, message(k.Topic, "a", "before"))
	k.Line.Stall()
	var callers sync.WaitGroup
	for i := range 4 {
		callers.Go(func() { k.unavailable(p, fmt.Sprint("meanwhile-", i)) })
	}
	callers.Wait()
	k.Line.Mend()
	k.recovers(l, p)
}

// flapping loses all connections again and again while many publish.
func flapping(k *kit) {
	k.needLine()
	const keys, each = 8, 30
	l := k.listen(Subscription{Workers: 4}, nil)
	p := k.publisher()
	published := make(chan struct{})
	var weather sync.WaitGroup
	weather.Go(func() {
		for n := 0; n < 5; n++ {
			if pause(k.ctx, 50*time.Millisecond) != nil || over(published) {
				return
			}
			k.Line.Cut()
			_ = pause(k.ctx, 20*time.Millisecond)
			k.Line.Mend()
		}
	})
	func() {
		defer weather.Wait()
		defer close(published)
		k.publishEach(p, keys, each)
	}()
	all := k.await(l, "all", func(all []broker.Delivery) bool { return distinct(all) == keys*each })
	if !k.lack(Order) {
		k.checkOrder(all)
	}
}

func over(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// found cuts the broker off under a subscriber that has nothing to do.
func found(k *kit) {
	k.needLine()
	l := k.listen(Subscription{}, nil)
	for n := range 2 {
		k.Line.Cut()
		if pause(k.ctx, 100*time.Millisecond) != nil || over(l.done) {
			k.Fatalf("the subscription ended with %v", l.err)
		}
		k.Line.Mend()
		l.write(func() { l.probed = false })
		k.probe(l)
		id := fmt.Sprint("after-", n)
		if err := k.insist(k.prober, message(k.Topic, "a", id)); err != nil {
			k.Fatal(err)
		}
		k.await(l, "a message after the outage", func(all []broker.Delivery) bool { return distinct(all) == n+1 })
	}
}
