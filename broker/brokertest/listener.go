package brokertest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/cairndb/cairn/broker"
)

// A listener is a subscription under way, and what has arrived there.
type listener struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // after done

	mu      sync.Mutex
	all     []broker.Delivery
	probed  bool
	changed chan struct{}
}

func (l *listener) write(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *listener) read() (all []broker.Delivery, probed bool, changed chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.all), l.probed, l.changed
}

// listen subscribes, and returns when what is published arrives. A nil handle
// takes all. What arrived is entered before it is handled.
func (k *kit) listen(s Subscription, handle func(context.Context, broker.Delivery) error) *listener {
	k.Helper()
	l := k.start(s, handle)
	k.probe(l)
	return l
}

// start subscribes.
func (k *kit) start(s Subscription, handle func(context.Context, broker.Delivery) error) *listener {
	k.Helper()
	if s.Name == "" {
		s.Name = "kit"
	}
	sub := k.Subscriber(k.TB, s)
	ctx, cancel := context.WithCancel(k.ctx)
	l := &listener{cancel: cancel, done: make(chan struct{}), changed: make(chan struct{})}
	k.listeners = append(k.listeners, l)
	go func() {
		defer close(l.done)
		l.err = sub.Subscribe(ctx, func(ctx context.Context, d broker.Delivery) error {
			if d.Event.Type() == probe {
				l.write(func() { l.probed = true })
				return nil
			}
			l.write(func() { l.all = append(l.all, d) })
			if handle == nil {
				return nil
			}
			return handle(ctx, d)
		})
	}()
	return l
}

// probe publishes until something has arrived at a listener.
func (k *kit) probe(l *listener) {
	k.Helper()
	if k.prober == nil {
		k.prober = k.publisher()
	}
	for {
		m := message(k.Topic, "probe-"+Unique(), Unique())
		m.Event.SetType(probe)
		ctx, cancel := context.WithTimeout(k.ctx, 2*time.Second)
		err := k.prober.Publish(ctx, m) // it may fail: perhaps the subscriber has still to make the topic
		cancel()
		if k.arrives(l, 300*time.Millisecond) {
			return
		}
		if k.ctx.Err() != nil {
			k.Fatalf("nothing arrives at a subscriber, and publishing ended with %v", err)
		}
	}
}

// arrives waits a little for a probe.
func (k *kit) arrives(l *listener, d time.Duration) bool {
	k.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		_, probed, changed := l.read()
		if probed {
			return true
		}
		select {
		case <-changed:
		case <-l.done:
			k.Fatalf("the subscription ended with %v", l.err)
		case <-timer.C:
			return false
		case <-k.ctx.Done():
			return false
		}
	}
}

// await waits until what has arrived is enough.
func (k *kit) await(l *listener, what string, enough func([]broker.Delivery) bool) []broker.Delivery {
	k.Helper()
	for {
		all, _, changed := l.read()
		if enough(all) {
			return all
		}
		select {
		case <-changed:
		case <-l.done:
			k.Fatalf("waiting for %s: the subscription ended with %v", what, l.err)
		case <-k.ctx.Done():
			k.Fatalf("waiting for %s: %v; arrived have %s", what, context.Cause(k.ctx), summary(all))
		}
	}
}

// stop ends a subscription in good order.
func (k *kit) stop(l *listener) {
	k.Helper()
	l.cancel()
	k.waitFor(l)
	if l.err == nil || !errors.Is(l.err, context.Canceled) {
		k.Errorf("Subscribe returned %v, and not the cause of its context", l.err)
	}
	k.listeners = slices.DeleteFunc(k.listeners, func(o *listener) bool { return o == l })
}

func (k *kit) waitFor(l *listener) {
	k.Helper()
	select {
	case <-l.done:
	case <-time.After(patience):
		k.Fatal("Subscribe does not return when its context has ended")
	}
}
