package grouptest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

func atLeastOnce(k *kit) {
	d := newDiary()
	all := make(chan struct{}, 1)
	lives := 0
	join := func() *member {
		lives++
		id := fmt.Sprint(lives)
		return k.join(func(ctx context.Context, s *Cuttable) error {
			return group.Run(ctx, s, name, options(), func(_ context.Context, e cairn.Recorded) error {
				d.begin(id, &e)
				d.end(id, &e)
				select {
				case all <- struct{}{}:
				default:
				}
				return nil
			})
		})
	}
	k.feed(50, 10)
	a, b := join(), join()
	for range 4 {
		<-all
		k.feed(20, 10)
		k.kill(a)
		a, b = b, join()
	}
	for done := false; !done; {
		select {
		case <-all:
		case <-k.ctx.Done():
			k.Fatalf("%d of %d events were handled", d.n, k.total)
		}
		d.mu.Lock()
		done = d.n == k.total
		d.mu.Unlock()
	}
	d.check(k)
}

// tx runs a member that answers each event with its effect.
func tx(o group.Options, before func(cairn.Recorded) error) func(context.Context, *Cuttable) error {
	return func(ctx context.Context, s *Cuttable) error {
		return group.RunTx(ctx, s, name, o, func(_ context.Context, e cairn.Recorded) (cairn.Batch, error) {
			if before != nil {
				if err := before(e); err != nil {
					return cairn.Batch{}, err
				}
			}
			return effect(e), nil
		})
	}
}

func exactlyOnce(k *kit) {
	work := tx(options(), nil)
	k.join(work)
	k.join(work)
	for range 5 {
		k.feed(40, 10)
		k.kill(k.members[k.rand.IntN(2)])
		k.join(work)
	}
	k.awaitEffects()
	k.checkEffects()
}

// twoOwners pauses a member inside a handler until another one has taken over
// and done the work. What the first one then wants to write must be refused.
func twoOwners(k *kit) {
	handling, wait := make(chan struct{}, 100), make(chan struct{})
	goOn := sync.OnceFunc(func() { close(wait) })
	defer goOn()
	k.feed(30, 5)
	first := k.join(tx(options(), func(cairn.Recorded) error {
		handling <- struct{}{}
		<-wait
		return nil
	}))
	<-handling
	resume := first.store.Pause()
	k.join(tx(options(), nil))
	k.awaitEffects()
	goOn()
	resume()
	k.feed(30, 5)
	k.awaitEffects()
	k.retire(first)
	k.checkEffects()
}

func sharing(k *kit) {
	quiet := tx(options(), nil)
	shares := func(want ...int) func() bool {
		return func() bool {
			s, err := group.Status(k.ctx, k.store, name)
			if err != nil || len(s.Members) != len(want) {
				return false
			}
			for i, m := range s.Members {
				if m.Partitions != want[i] {
					return false
				}
			}
			return true
		}
	}
	a := k.join(quiet)
	k.await("one member has all", shares(8))
	b := k.join(quiet)
	k.await("two have half each", shares(4, 4))
	k.feed(20, 20)
	k.join(quiet)
	k.join(quiet)
	k.await("four have a quarter each", shares(2, 2, 2, 2))
	k.retire(a)
	k.kill(b)
	k.await("the others take over", shares(4, 4))
	k.feed(20, 20)
	k.awaitEffects()
	k.checkEffects()
}

func replaying(k *kit) {
	var broken atomic.Bool
	broken.Store(true)
	work := tx(options(), func(e cairn.Recorded) error {
		if broken.Load() && e.Stream == "in-0" {
			return errors.New("broken")
		}
		return nil
	})
	k.feed(60, 3)
	k.join(work)
	k.await("the key is parked", func() bool {
		keys, err := group.Parked(k.ctx, k.store, name)
		return err == nil && len(keys) == 1 && keys[0].Key == "in-0" && keys[0].Count == k.put["in-0"]
	})
	k.feed(20, 3)
	k.kill(k.members[0])
	k.join(work)
	broken.Store(false)
	k.feed(10, 3)
	if err := group.Replay(k.ctx, k.store, name, "in-0"); err != nil {
		k.Fatal(err)
	}
	k.feed(30, 3)
	k.awaitEffects()
	k.checkEffects()
	k.await("nothing is parked", func() bool {
		keys, err := group.Parked(k.ctx, k.store, name)
		return err == nil && len(keys) == 0
	})
}

// contention has all handlers count in one stream, each expecting it where it
// has seen it.
func contention(k *kit) {
	count := func(ctx context.Context, s *Cuttable) error {
		return group.RunTx(ctx, s, name, options(), func(ctx context.Context, e cairn.Recorded) (cairn.Batch, error) {
			info, err := s.StreamInfo(ctx, "sum")
			b := effect(e)
			b.Writes = append(b.Writes, cairn.Write{Stream: "sum", Expected: info.Last, Events: []cairn.Event{{Type: "counted", Data: fmt.Append(nil, info.Last+1)}}})
			return b, err
		})
	}
	k.feed(40, 40)
	k.join(count)
	k.join(count)
	k.awaitEffects()
	k.checkEffects()
	if info, err := k.store.StreamInfo(k.ctx, "sum"); err != nil || int(info.Last)+1 != k.total {
		k.Errorf("counted %d of %d, %v", info.Last+1, k.total, err)
	}
	for e, err := range k.store.ReadStream(k.ctx, "sum", cairn.ReadOptions{}) {
		if err != nil || string(e.Data) != fmt.Sprint(e.Revision) {
			k.Fatalf("number %d was written by one who saw it as %s, %v", e.Revision, e.Data, err)
		}
	}
}
