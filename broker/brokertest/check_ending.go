package brokertest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cairndb/cairn/broker"
)

// closing closes a publisher while many use it.
func closing(k *kit) {
	l := k.listen(Subscription{Workers: 4}, nil)
	p := k.publisher()
	k.publish(p, message(k.Topic, "a", "before"))
	var mu sync.Mutex
	published := map[string]bool{"before": true}
	var callers sync.WaitGroup
	begun := make(chan struct{}, 1000)
	for i := range 8 {
		callers.Go(func() {
			for n := 0; ; n++ {
				m := message(k.Topic, fmt.Sprint("key", i), fmt.Sprintf("key%d-%d", i, n))
				err := p.Publish(k.ctx, m)
				if err != nil {
					if !errors.Is(err, broker.ErrClosed) {
						k.Errorf("while the publisher was closed, publishing ended with %v", err)
					}
					return
				}
				mu.Lock()
				published[m.Event.ID()] = true
				mu.Unlock()
				select {
				case begun <- struct{}{}:
				default:
				}
			}
		})
	}
	for range 20 {
		<-begun
	}
	if err := p.Close(k.ctx); err != nil {
		k.Errorf("closing: %v", err)
	}
	callers.Wait()
	if err := p.Publish(k.ctx, message(k.Topic, "a", "closed")); !errors.Is(err, broker.ErrClosed) {
		k.Errorf("a closed publisher said %v, and not ErrClosed", err)
	}
	k.await(l, "all that was confirmed", func(all []broker.Delivery) bool {
		missing := len(published)
		seen := map[string]bool{}
		for _, d := range all {
			if id := d.Event.ID(); published[id] && !seen[id] {
				seen[id] = true
				missing--
			}
		}
		return missing == 0
	})
}

// ending ends a subscription whose handler takes its time.
func ending(k *kit) {
	goOn, ended := make(chan struct{}), make(chan struct{})
	l := k.listen(Subscription{}, func(ctx context.Context, _ broker.Delivery) error {
		<-ctx.Done() // the subscription's context is the handler's
		close(ended)
		<-goOn
		return nil
	})
	p, published := k.publisher(), make(chan error, 1)
	go func() { published <- p.Publish(k.ctx, message(k.Topic, "a", "slow")) }() // perhaps it waits for the handler
	defer func() { <-published }()
	k.await(l, "the message", func(all []broker.Delivery) bool { return len(all) > 0 })
	l.cancel()
	select {
	case <-ended:
	case <-k.ctx.Done():
		k.Error("a handler's context does not end with the subscription's")
	}
	select {
	case <-l.done:
		k.Error("Subscribe has returned, and a handler is left")
	case <-time.After(100 * time.Millisecond): // it should not, however long one waits
	}
	close(goOn)
	k.stop(l)
}
