package brokertest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/cairndb/cairn/broker"
)

var errBroken = errors.New("brokertest: the handler has failed")

// again fails a message twice.
func again(k *kit) {
	var calls atomic.Int64
	l := k.listen(Subscription{}, func(_ context.Context, d broker.Delivery) error {
		if d.Event.ID() == "failing" && calls.Add(1) <= 2 {
			return errBroken
		}
		return nil
	})
	k.publish(k.publisher(), message(k.Topic, "a", "failing"), message(k.Topic, "b", "other"))
	all := k.await(l, "the third delivery", func(all []broker.Delivery) bool { return len(all) >= 4 })
	attempt := 0
	for _, d := range all {
		if d.Event.ID() != "failing" || d.Attempt == 0 {
			continue
		}
		if attempt++; d.Attempt < attempt {
			k.Errorf("delivery %d says that it is attempt %d", attempt, d.Attempt)
		}
	}
}

// panics has a handler panic once.
func panics(k *kit) {
	var calls atomic.Int64
	l := k.listen(Subscription{}, func(context.Context, broker.Delivery) error {
		if calls.Add(1) == 1 {
			panic("brokertest: the handler panics")
		}
		return nil
	})
	k.publish(k.publisher(), message(k.Topic, "a", "panicking"))
	k.await(l, "the second delivery", func(all []broker.Delivery) bool { return len(all) >= 2 })
}

// A drawer is a sink that keeps its letters.
type drawer struct {
	mu      sync.Mutex
	letters []broker.Letter
	fails   int // how often it is still to fail
	came    chan struct{}
}

func newDrawer(fails int) *drawer { return &drawer{fails: fails, came: make(chan struct{}, 100)} }

func (d *drawer) sink(_ context.Context, l broker.Letter) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fails--; d.fails >= 0 {
		return errBroken
	}
	d.letters = append(d.letters, l)
	d.came <- struct{}{}
	return nil
}

// letter waits for the first one.
func (d *drawer) letter(k *kit) broker.Letter {
	k.Helper()
	select {
	case <-d.came:
	case <-k.ctx.Done():
		k.Fatal("no letter came to the sink")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.letters[0]
}

func reject(_ context.Context, d broker.Delivery) error {
	if d.Event.ID() == "bad" {
		return errors.Join(broker.ErrRejected, errBroken)
	}
	return nil
}

func rejected(k *kit) {
	d := newDrawer(0)
	l := k.listen(Subscription{Sink: d.sink}, reject)
	k.publish(k.publisher(), message(k.Topic, "a", "bad"), message(k.Topic, "a", "good"))
	got := d.letter(k)
	if !errors.Is(got.Err, errBroken) || !errors.Is(got.Err, broker.ErrRejected) || errors.Is(got.Err, broker.ErrUndecodable) {
		k.Errorf("the letter's error is %v, and not the handler's", got.Err)
	}
	if len(got.Body) == 0 || !k.lack(Topics) && got.Topic != k.Topic || !k.lack(Keys) && got.Key != "a" {
		k.Errorf("the letter is %+v", got)
	}
	all := k.await(l, "the next message", func(all []broker.Delivery) bool { return distinct(all) == 2 })
	if len(all) != 2 {
		k.Errorf("a rejected message was delivered again: %s", summary(all))
	}
}

func sinkFails(k *kit) {
	d := newDrawer(2)
	k.listen(Subscription{Sink: d.sink}, reject)
	k.publish(k.publisher(), message(k.Topic, "a", "bad"))
	d.letter(k)
}

func garbage(k *kit) {
	if k.Garbage == nil {
		k.Skip("nothing but messages can be put on the topic")
	}
	d := newDrawer(0)
	l := k.listen(Subscription{Sink: d.sink}, nil)
	k.Garbage(k.TB, []byte("this is not a CloudEvent"))
	k.publish(k.publisher(), message(k.Topic, "a", "good"))
	got := d.letter(k)
	if !errors.Is(got.Err, broker.ErrUndecodable) {
		k.Errorf("the letter's error is %v, and does not match ErrUndecodable", got.Err)
	}
	if string(got.Body) != "this is not a CloudEvent" {
		k.Errorf("the letter's body is %q", got.Body)
	}
	all := k.await(l, "the next message", func(all []broker.Delivery) bool { return len(all) > 0 })
	if id := all[0].Event.ID(); id != "good" {
		k.Errorf("%q was delivered as a message", id)
	}
}

// interrupted ends a subscription while its handler works, which gives up.
func interrupted(k *kit) {
	l := k.listen(Subscription{}, func(ctx context.Context, _ broker.Delivery) error {
		<-ctx.Done()
		return ctx.Err()
	})
	k.publish(k.publisher(), message(k.Topic, "a", "unfinished"))
	k.await(l, "the message", func(all []broker.Delivery) bool { return len(all) > 0 })
	k.stop(l)
	l = k.start(Subscription{}, nil)
	k.await(l, "the message again", func(all []broker.Delivery) bool { return len(all) > 0 })
}

// killed cuts a subscriber off while its handler works, which then succeeds.
func killed(k *kit) {
	k.needLine()
	cut := make(chan struct{})
	l := k.listen(Subscription{}, func(context.Context, broker.Delivery) error {
		<-cut
		return nil
	})
	k.publish(k.publisher(), message(k.Topic, "a", "unacknowledged"))
	k.await(l, "the message", func(all []broker.Delivery) bool { return len(all) > 0 })
	k.Line.Cut()
	l.cancel()
	close(cut)
	k.stop(l)
	k.Line.Mend()
	l = k.start(Subscription{}, nil)
	k.await(l, "the message again", func(all []broker.Delivery) bool { return len(all) > 0 })
}

// shared has two subscribers of one name.
func shared(k *kit) {
	a := k.start(Subscription{Name: "both", Workers: 2}, nil)
	b := k.start(Subscription{Name: "both", Workers: 2}, nil)
	k.probe(a)
	k.probe(b)
	k.publishEach(k.publisher(), 16, 10)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			first, _, changedA := a.read()
			second, _, changedB := b.read()
			if distinct(append(first, second...)) == 160 {
				return
			}
			select {
			case <-changedA:
			case <-changedB:
			case <-k.ctx.Done():
				return
			}
		}
	}()
	<-done
	first, _, _ := a.read()
	second, _, _ := b.read()
	if n := distinct(append(first, second...)); n != 160 {
		k.Fatalf("%d of 160 messages have arrived, %d here and %d there", n, len(first), len(second))
	}
	if len(first)+len(second) >= 320 {
		k.Error("both subscribers got all")
	}
}
