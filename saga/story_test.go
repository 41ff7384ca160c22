package saga_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/group/grouptest"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/timer"
)

func dice(t testing.TB) *rand.Rand {
	seed := rand.Uint64()
	if s, err := strconv.ParseUint(os.Getenv("CAIRN_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("CAIRN_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// answers are how others react to commands, by the last digit of the order.
var answers = map[string]func(digit int) event{
	"payment.request": func(n int) event {
		switch n {
		case 0:
			return nil
		case 1:
			return declined{}
		}
		return paid{}
	},
	"stock.pack": func(n int) event {
		switch n {
		case 2:
			return nil
		case 3:
			return outOfStock{}
		}
		return packed{}
	},
	"payment.give-back": func(int) event { return refunded{} },
}

// others are those who receive commands.
func (k *shop) others(ctx context.Context, store cairn.Store) error {
	o := k.options().Group
	o.Query = cairn.ByCategory("payments", "stock")
	return group.RunTx(ctx, store, "others", o, func(_ context.Context, r cairn.Recorded) (b cairn.Batch, err error) {
		answer, id := answers[r.Type], r.Stream[strings.Index(r.Stream, "-")+1:]
		if answer == nil {
			return b, nil
		}
		e := answer(int(id[len(id)-1] - '0'))
		if e == nil {
			return b, nil
		}
		out, err := events.Encode(e)
		b.Writes = []cairn.Write{{Stream: "order-" + id, Expected: cairn.Any, Events: []cairn.Event{out}}}
		return b, err
	})
}

// durable puts the shop into files that a crash leaves as they were synced.
func (k *shop) durable(fs *vfs.MemFS) {
	store, err := disk.Open("store", &disk.Options{FS: fs, SegmentSize: 1 << 20})
	if err != nil {
		k.Fatal(err)
	}
	k.Cleanup(func() { store.Close() })
	k.store = store
}

// A member is somebody who can be killed.
type member struct {
	store *grouptest.Cuttable
	done  chan error
}

func (k *shop) member(run func(context.Context, cairn.Store) error) *member {
	m := &member{grouptest.NewCuttable(k.store), make(chan error, 1)}
	go func() { m.done <- run(k.ctx, m.store) }()
	return m
}

func (k *shop) kill(m *member) {
	m.store.Cut()
	if err := <-m.done; !errors.Is(err, grouptest.ErrCut) {
		k.Errorf("a member that was cut off ended with %v", err)
	}
}

// TestStory: orders go through while everybody is killed now and then, and the
// machine crashes. Each of them
// ends, each message is sent once, and none both goes out and is given back.
func TestStory(t *testing.T) {
	k, dice, fs := open(t), dice(t), vfs.NewCrashableMem()
	k.durable(fs)
	roles := []func(context.Context, cairn.Store) error{
		func(ctx context.Context, s cairn.Store) error { return saga.Run(ctx, s, orders(), k.options()) },
		func(ctx context.Context, s cairn.Store) error { return saga.Run(ctx, s, orders(), k.options()) },
		func(ctx context.Context, s cairn.Store) error {
			return timer.Run(ctx, s, timer.Options{Clock: k.clock})
		},
		func(ctx context.Context, s cairn.Store) error {
			return timer.Run(ctx, s, timer.Options{Clock: k.clock})
		},
		k.others,
	}
	members := make([]*member, len(roles))
	for i, role := range roles {
		members[i] = k.member(role)
	}
	rounds := 8
	if testing.Short() {
		rounds = 3
	}
	n := 0
	for range rounds {
		for range 10 {
			k.happen(strconv.Itoa(n), placed{n})
			n++
		}
		for range dice.IntN(20) {
			head := k.head()
			k.await("something happens", func() bool { return k.head() > head })
		}
		i, j := 0, len(roles)
		crash := dice.IntN(3) == 0
		if !crash {
			i = dice.IntN(len(roles))
			j = i + 1
		}
		clone := fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: dice.IntN(101), RNG: dice})
		for m := i; m < j; m++ {
			k.kill(members[m])
		}
		if crash {
			k.store.Close()
			fs = clone
			k.durable(fs)
		}
		for m := i; m < j; m++ {
			members[m] = k.member(roles[m])
		}
		k.clock.Advance(time.Duration(dice.IntN(40)) * time.Minute)
	}
	for i := range n {
		k.await(fmt.Sprintf("order %d ends", i), func() bool {
			in, err := saga.Get(k.ctx, k.store, "orders", strconv.Itoa(i))
			for _, w := range in.Timers {
				if !w.Due.After(k.clock.Now()) {
					return false
				}
			}
			if err == nil && len(in.Timers) > 0 {
				k.clock.Advance(time.Until(in.Timers[0].Due) - time.Until(k.clock.Now()))
			}
			return err == nil && in.Status == saga.Ended
		})
	}
	for _, m := range members {
		k.kill(m)
	}
	k.audit(n)
}

func (k *shop) head() cairn.Position {
	info, err := k.store.Info(k.ctx)
	if err != nil {
		k.Fatal(err)
	}
	return info.Head
}

// audit compares what is in the streams with what the histories say.
func (k *shop) audit(n int) {
	k.Helper()
	said, is := map[cairn.ID]int{}, map[cairn.ID]int{}
	for i := range n {
		id := strconv.Itoa(i)
		in, err := saga.Get(k.ctx, k.store, "orders", id)
		if err != nil {
			k.Fatal(err)
		}
		types := ""
		for _, s := range in.Steps {
			for _, m := range s.Sent {
				said[m.ID]++
				types += " " + m.Type
			}
		}
		if sent, back := strings.Contains(types, "shipping.ship"), strings.Contains(types, "give-back"); sent && back {
			k.Errorf("order %d: %s", i, types)
		}
		if last := i % 10; last > 3 && in.Reason == "" && !strings.HasSuffix(types, "shipping.ship") || last < 4 && strings.Contains(types, "ship") {
			k.Errorf("order %d: %s, %q", i, types, in.Reason)
		}
	}
	for e, err := range k.store.ReadAll(k.ctx, cairn.AllOptions{Query: cairn.ByCategory("payments", "stock", "shipping")}) {
		if err != nil {
			k.Fatal(err)
		}
		if is[e.ID]++; said[e.ID] != 1 || is[e.ID] != 1 {
			k.Errorf("%s in %s is there %d times, and said to have been sent %d times", e.Type, e.Stream, is[e.ID], said[e.ID])
		}
	}
	if len(is) != len(said) {
		k.Errorf("%d messages are there, and %d are said to have been sent", len(is), len(said))
	}
}
