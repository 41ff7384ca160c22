package grouptest

import (
	"errors"
	"math/rand/v2"
	"sync/atomic"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

// story has members come, go, fail, panic and be killed at random, and parked
// keys be replayed. In the end everything must have happened once, in order.
func story(k *kit) {
	var calm atomic.Bool
	work := tx(options(), func(cairn.Recorded) error {
		switch n := rand.IntN(100); {
		case calm.Load():
			return nil
		case n < 10:
			return errors.New("not now")
		case n < 12:
			return group.Park(errors.New("never"))
		case n < 14:
			panic("at the disco")
		}
		return nil
	})
	for range 30 {
		k.feed(k.rand.IntN(20), 12)
		k.pass(k.rand.IntN(15))
		switch n := k.rand.IntN(10); {
		case len(k.members) < 2 || n < 2 && len(k.members) < 4:
			k.join(work)
		case n < 4:
			k.retire(k.members[k.rand.IntN(len(k.members))])
		case n < 7:
			k.kill(k.members[k.rand.IntN(len(k.members))])
		default:
			k.replayAll()
		}
	}
	calm.Store(true)
	k.join(work)
	k.await("nothing is parked any more", func() bool {
		k.replayAll()
		s, err := group.Status(k.ctx, k.store, name)
		return err == nil && s.ParkedKeys == 0 && s.Lag == 0
	})
	k.awaitEffects()
	k.checkEffects()
}

func (k *kit) replayAll() {
	k.Helper()
	if err := group.ReplayAll(k.ctx, k.store, name); err != nil && !errors.Is(err, group.ErrUnknown) {
		k.Error(err)
	}
}
