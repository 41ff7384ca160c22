package brokertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cairndb/cairn/broker"
)

// intact publishes messages of every form.
func intact(k *kit) {
	l := k.listen(Subscription{Workers: 4}, nil)
	p := k.publisher()
	sent := samples(k.Topic)
	for what, m := range sent {
		before := m.Event.Clone()
		k.publish(p, m)
		if d := k.differences(broker.Message{Event: before, Topic: m.Topic, Key: m.Key}, broker.Delivery{Message: m}); len(d) > 0 {
			k.Errorf("%s: publishing has changed the caller's message: %v", what, d)
		}
	}
	all := k.await(l, "all forms", func(all []broker.Delivery) bool { return distinct(all) == len(sent) })
	arrived := map[string]broker.Delivery{}
	for _, d := range all {
		arrived[d.Event.ID()] = d
	}
	for what, m := range sent {
		if d := k.differences(m, arrived[m.Event.ID()]); len(d) > 0 {
			k.Errorf("%s: %v", what, d)
		}
	}
}

// together publishes from many goroutines.
func together(k *kit) {
	const callers, each = 16, 40
	l := k.listen(Subscription{Workers: 8}, nil)
	k.publishEach(k.publisher(), callers, each)
	k.await(l, "the messages of all", func(all []broker.Delivery) bool { return distinct(all) == callers*each })
}

// publishEach has one goroutine for each key publish so many messages, and
// returns when all are confirmed.
func (k *kit) publishEach(p broker.Publisher, keys, each int) {
	k.Helper()
	errs := make([]error, keys)
	var callers sync.WaitGroup
	for i := range keys {
		callers.Go(func() {
			for _, m := range numbered(k.Topic, fmt.Sprint("key", i), each) {
				if errs[i] = k.insist(p, m); errs[i] != nil {
					return
				}
			}
		})
	}
	callers.Wait()
	if err := errors.Join(errs...); err != nil {
		k.Fatal(err)
	}
}

// ordered looks for messages of one key that overtake each other, or are handled
// at the same time.
func ordered(k *kit) {
	const keys, each = 8, 40
	var mu sync.Mutex
	busy := map[string]bool{}
	l := k.listen(Subscription{Workers: 4}, func(_ context.Context, d broker.Delivery) error {
		mu.Lock()
		if busy[d.Key] && !k.lack(Keys) {
			k.Errorf("two messages of %s are handled at the same time", d.Key)
		}
		busy[d.Key] = true
		mu.Unlock()
		_ = pause(k.ctx, time.Millisecond) // lets others overtake if they can
		mu.Lock()
		delete(busy, d.Key)
		mu.Unlock()
		return nil
	})
	k.publishEach(k.publisher(), keys, each)
	all := k.await(l, "all", func(all []broker.Delivery) bool { return distinct(all) == keys*each })
	k.checkOrder(all)
}

// checkOrder wants the messages of each key in order, where one that comes again
// does not count.
func (k *kit) checkOrder(all []broker.Delivery) {
	k.Helper()
	seen, next := map[string]bool{}, map[string]int{}
	for _, d := range all {
		id := d.Event.ID()
		if seen[id] {
			continue
		}
		seen[id] = true
		var key string
		var n int
		if _, err := fmt.Sscanf(id, "key%d-%d", new(int), &n); err == nil {
			key = id[:len(id)-len(fmt.Sprint("-", n))]
		}
		if n != next[key] {
			k.Errorf("of %s, number %d arrived where %d was to", key, n, next[key])
		}
		next[key] = n + 1
	}
}

// confirmed publishes while nobody listens and closes the publisher at once.
func confirmed(k *kit) {
	k.stop(k.listen(Subscription{}, nil))
	p := k.publisher()
	k.publish(p, numbered(k.Topic, "key0", 50)...)
	if err := p.Close(k.ctx); err != nil {
		k.Errorf("closing: %v", err)
	}
	l := k.listen(Subscription{}, nil)
	k.await(l, "what was published meanwhile", func(all []broker.Delivery) bool { return distinct(all) == 50 })
}

// malformed publishes what CloudEvents does not allow.
func malformed(k *kit) {
	l := k.listen(Subscription{}, nil)
	p := k.publisher()
	broken := map[string]broker.Message{"nothing at all": {Topic: k.Topic}}
	m := message(k.Topic, "key", "no-type")
	m.Event.SetType("")
	broken["no type"] = m
	m = message(k.Topic, "key", "no-source")
	m.Event.SetSource("")
	broken["no source"] = m
	for what, m := range broken {
		if err := p.Publish(k.ctx, m); !errors.Is(err, broker.ErrRejected) || errors.Is(err, broker.ErrUnavailable) {
			k.Errorf("a message with %s: got %v, want ErrRejected", what, err)
		}
	}
	k.only(l, p)
}

// only publishes a message, and wants nothing else to arrive.
func (k *kit) only(l *listener, p broker.Publisher) {
	k.Helper()
	k.publish(p, message(k.Topic, "key", "last"))
	all := k.await(l, "the last message", func(all []broker.Delivery) bool { return len(all) > 0 })
	if id := all[0].Event.ID(); id != "last" {
		k.Errorf("%s has arrived, which should not have been published", id)
	}
}

func tooLarge(k *kit) {
	if k.TooLarge == 0 {
		k.Skip("the broker has no limit that is known")
	}
	l := k.listen(Subscription{}, nil)
	p := k.publisher()
	m := message(k.Topic, "key", "large")
	if err := m.Event.SetData("application/octet-stream", make([]byte, k.TooLarge)); err != nil {
		k.Fatal(err)
	}
	if err := p.Publish(k.ctx, m); !errors.Is(err, broker.ErrRejected) || errors.Is(err, broker.ErrUnavailable) {
		k.Errorf("a message of %d bytes: got %v, want ErrRejected", k.TooLarge, err)
	}
	k.only(l, p)
}

func ended(k *kit) {
	l := k.listen(Subscription{}, nil)
	p := k.publisher()
	ctx, cancel := context.WithCancel(k.ctx)
	cancel()
	if err := p.Publish(ctx, message(k.Topic, "key", "late")); err == nil {
		k.Error("a call whose context had ended published")
	} else if errors.Is(err, broker.ErrRejected) {
		k.Errorf("the message is not to blame: %v", err)
	}
	k.only(l, p)
}
