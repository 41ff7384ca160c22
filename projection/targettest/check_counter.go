package targettest

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// counter has two runners compete for one projection, whose handler fails now and
// then, as the target does. They are stopped and started anew.
func counter[Tx any](k *kit[Tx]) {
	s := &stumble{tried: map[cairn.Position]int{}}
	k.compete(k.projection("counter", s.before), 12)
}

// counterInLanes does the same in four lanes.
func counterInLanes[Tx any](k *kit[Tx]) {
	s := &stumble{tried: map[cairn.Position]int{}}
	p := k.projection("counter-lanes", s.before)
	p.Lanes = 4
	k.compete(p, 12)
}

// compete runs a projection in two runners until all is counted, and not more.
func (k *kit[Tx]) compete(p projection.Projection[Tx], lives int) {
	k.Helper()
	if testing.Short() {
		lives /= 3
	}
	k.feed(60, 10)
	run := func(who int) *member { return k.join(shake(k.handle(who), 20, 60), p, eager()) }
	both := []*member{run(0), run(1)}
	for range lives {
		k.feed(40, 10)
		k.awaitSome(rand.IntN(40))
		who := rand.IntN(2)
		k.retire(both[who])
		both[who] = run(who)
	}
	k.feed(20, 10)
	k.awaitRows(k.counted())
	k.retire(both[0])
	k.retire(both[1])
	k.rows(table, k.counted())
}

// awaitSome waits until all but so many events are counted at least.
func (k *kit[Tx]) awaitSome(rest int) {
	k.Helper()
	for {
		got, err := k.Rows(k.ctx, table)
		left := 0
		for stream, n := range k.put {
			left += int(n - tableOf(got)[stream])
		}
		if err == nil && left <= rest {
			return
		}
		if k.ctx.Err() != nil {
			k.Fatalf("%d events were not applied: %v", left, err)
		}
		k.pause()
	}
}

// pausedRunner stands still in the middle of an event while another one does all
// the work. When it wakes up it writes nothing.
func pausedRunner[Tx any](k *kit[Tx]) {
	k.feed(30, 5)
	var stands, wakes met
	p := k.projection("paused", nil)
	slow := k.projection("paused", func(*projection.Event) error {
		stands.tell()
		select {
		case <-wakes.told():
		case <-k.ctx.Done():
		}
		return nil
	})
	first := k.join(k.Target, slow, eager())
	select {
	case <-stands.told():
	case err := <-first.done:
		k.Fatalf("the first runner ended with %v", err)
	}
	second := k.join(k.Second, p, eager())
	k.feed(30, 5)
	if k.lack(SideBySide) || k.holdsOthers() {
		wakes.tell()
	}
	k.awaitRows(k.counted())
	wakes.tell()
	k.feed(30, 5)
	k.awaitRows(k.counted())
	k.retire(first)
	k.retire(second)
	k.rows(table, k.counted())
}

// holdsOthers reports whether an update that is under way keeps others from taking
// its entry: then who stands still in one holds the lane for as long.
func (k *kit[Tx]) holdsOthers() bool {
	k.Helper()
	k.apply(put("held", "1"))
	held := false
	err := k.Target.Update(k.ctx, move("held", "1", "2"), once(func(context.Context, Tx) error {
		ctx, cancel := context.WithCancelCause(k.ctx)
		done := make(chan struct{})
		var err error
		go func() {
			defer close(done)
			err = k.Second.Apply(ctx, move("held", "1", "3"))
		}()
		k.aWhile(done)
		cancel(errEnough)
		<-done
		held = err != nil
		return nil
	}))
	return held || err == nil
}
