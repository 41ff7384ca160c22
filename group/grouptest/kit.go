package grouptest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

// name is the group's.
const name = "kit"

// Run plays the checks, each over a store of its own, which open opens empty and
// the kit closes. The random ones begin with a seed that is logged; set
// CAIRN_SEED in the environment to play the same again.
func Run(t *testing.T, open func(t *testing.T) cairn.Store) {
	checks := []struct {
		name string
		run  func(k *kit)
	}{
		{"order by key, at least once", atLeastOnce},
		{"effects once, whatever is killed", exactlyOnce},
		{"a paused owner wakes up too late", twoOwners},
		{"partitions are shared fairly", sharing},
		{"parked keys are replayed in order", replaying},
		{"conflicts of handlers are tried again", contention},
		{"a story of chance", story},
	}
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			store := open(t)
			defer func() {
				if err := store.Close(); err != nil {
					t.Errorf("closing the store: %v", err)
				}
			}()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			k := &kit{T: t, ctx: ctx, store: store, rand: dice(t), put: map[string]int{}}
			defer k.dismiss()
			c.run(k)
		})
	}
}

func dice(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	if s, err := strconv.ParseUint(os.Getenv("CAIRN_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("CAIRN_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// A kit is what a check works with. Its methods are for the test's goroutine.
type kit struct {
	*testing.T
	ctx     context.Context
	store   cairn.Store
	rand    *rand.Rand
	put     map[string]int // how many events a stream was given
	total   int
	members []*member
}

// options are made for tests: little is waited for, and much is in the way.
func options() group.Options {
	return group.Options{
		Query: cairn.ByCategory("in"), Partitions: 8, Workers: 4, Window: 64, PerKey: 2,
		Lease: 300 * time.Millisecond, CheckpointEvery: 20 * time.Millisecond,
		Backoff: group.Jitter(time.Millisecond, 5*time.Millisecond),
	}
}

// feed appends n events to streams at random.
func (k *kit) feed(n, keys int) {
	k.Helper()
	for range n {
		stream := fmt.Sprintf("in-%d", k.rand.IntN(keys))
		if _, err := k.store.Append(k.ctx, stream, cairn.Any, cairn.Event{Type: "came"}); err != nil {
			k.Fatal(err)
		}
		k.put[stream]++
		k.total++
	}
}

// A member is one of the group's, as a process of its own would be.
type member struct {
	store *Cuttable
	stop  context.CancelFunc
	done  chan error
}

// join starts a member.
func (k *kit) join(run func(context.Context, *Cuttable) error) *member {
	ctx, stop := context.WithCancel(k.ctx)
	m := &member{store: NewCuttable(k.store), stop: stop, done: make(chan error, 1)}
	go func() { m.done <- run(ctx, m.store) }()
	k.members = append(k.members, m)
	return m
}

// kill ends a member without letting it write another word.
func (k *kit) kill(m *member) {
	m.store.Cut()
	<-m.done
	k.forget(m)
}

// retire ends a member in good order.
func (k *kit) retire(m *member) {
	k.Helper()
	m.stop()
	if err := <-m.done; !errors.Is(err, context.Canceled) {
		k.Errorf("a member ended with %v", err)
	}
	k.forget(m)
}

func (k *kit) forget(m *member) {
	m.stop()
	for i, o := range k.members {
		if o == m {
			k.members = append(k.members[:i], k.members[i+1:]...)
			return
		}
	}
}

func (k *kit) dismiss() {
	for len(k.members) > 0 {
		k.kill(k.members[0])
	}
}

// await waits until a condition holds, which events of the log may have changed.
func (k *kit) await(what string, holds func() bool) {
	k.Helper()
	if holds() {
		return
	}
	for _, err := range k.store.ReadAll(k.ctx, cairn.AllOptions{Follow: true}) {
		if err != nil {
			k.Fatalf("waiting until %s: %v", what, err)
		}
		if holds() {
			return
		}
	}
}

// pass lets the log grow by n events; it does, as members say that they are there.
func (k *kit) pass(n int) {
	k.Helper()
	if len(k.members) == 0 {
		return
	}
	info, err := k.store.Info(k.ctx)
	if err != nil {
		k.Fatal(err)
	}
	k.await("the log has grown", func() bool {
		now, err := k.store.Info(k.ctx)
		return err != nil || now.Head >= info.Head+cairn.Position(n)
	})
}

// effect is a handler's answer to an event: the same revision in another stream.
func effect(e cairn.Recorded) cairn.Batch {
	out := cairn.Event{Type: "done", Data: []byte(strconv.Itoa(int(e.Revision)))}
	return cairn.Batch{Writes: []cairn.Write{{Stream: "out-" + e.Stream, Expected: cairn.Any, Events: []cairn.Event{out}}}}
}

// awaitEffects waits until there are as many effects as events.
func (k *kit) awaitEffects() {
	k.Helper()
	n := 0
	if k.total == 0 {
		return
	}
	for _, err := range k.store.ReadAll(k.ctx, cairn.AllOptions{Query: cairn.ByCategory("out"), Follow: true}) {
		if err != nil {
			keys, _ := group.Parked(context.WithoutCancel(k.ctx), k.store, name)
			s, _ := group.Status(context.WithoutCancel(k.ctx), k.store, name)
			k.Fatalf("after %d effects of %d: %v\nparked %+v\nstatus %+v", n, k.total, err, keys, s)
		}
		if n++; n == k.total {
			return
		}
	}
}

// checkEffects checks that each event has had its effect once, and in order.
func (k *kit) checkEffects() {
	k.Helper()
	for stream, n := range k.put {
		events, err := cairn.Collect(k.store.ReadStream(k.ctx, "out-"+stream, cairn.ReadOptions{}))
		if err != nil {
			k.Fatal(err)
		}
		if len(events) != n {
			k.Errorf("%s has %d effects of %d events", stream, len(events), n)
		}
		for i, e := range events {
			if string(e.Data) != strconv.Itoa(i) {
				k.Errorf("effect %d of %s is that of event %s", i, stream, e.Data)
				break
			}
		}
	}
}

// A diary remembers what was handled.
type diary struct {
	mu   sync.Mutex
	next map[string]cairn.Revision // behind the last that was handled, by stream
	busy map[string]int            // how many handlers are at a stream, by member and stream
	bad  []string
	n    int
}

func newDiary() *diary { return &diary{next: map[string]cairn.Revision{}, busy: map[string]int{}} }

// begin notes that a member handles an event. It must not skip one, and not
// handle two of a stream at once.
func (d *diary) begin(member string, e *cairn.Recorded) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if e.Revision > d.next[e.Stream] {
		d.bad = append(d.bad, fmt.Sprintf("%s: event %d came before %d", e.Stream, e.Revision, d.next[e.Stream]))
	}
	if d.busy[member+e.Stream]++; d.busy[member+e.Stream] > 1 {
		d.bad = append(d.bad, fmt.Sprintf("%s: two events at once", e.Stream))
	}
}

func (d *diary) end(member string, e *cairn.Recorded) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy[member+e.Stream]--
	if e.Revision == d.next[e.Stream] {
		d.next[e.Stream]++
		d.n++
	}
}

func (d *diary) check(t testing.TB) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, s := range d.bad {
		t.Error(s)
	}
}
