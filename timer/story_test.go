package timer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group/grouptest"
	"github.com/cairndb/cairn/timer"
	"github.com/cairndb/cairn/timer/timertest"
)

func dice(t testing.TB) *rand.Rand {
	seed := rand.Uint64()
	if s, err := strconv.ParseUint(os.Getenv("CAIRN_SEED"), 10, 64); err == nil {
		seed = s
	}
	t.Logf("CAIRN_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// A tower has bells, people who set them, and wardens who come and go.
type tower struct {
	*testing.T
	ctx     context.Context
	store   cairn.Store
	dice    *rand.Rand
	clock   *timertest.Clock
	fs      *vfs.MemFS // of the store
	wardens []*warden
	set     int
	stored  cairn.Position // of what was last answered for

	mu     sync.Mutex
	latest time.Time // that the clock has ever shown
	due    map[string]time.Time
}

type warden struct {
	store *grouptest.Cuttable
	done  chan error
}

// watched is a store that notices what is fired too early, and whose answers get
// lost sometimes.
type watched struct {
	cairn.Store
	*tower
}

func (w watched) CommitEach(ctx context.Context, batches []cairn.Batch) []cairn.Outcome {
	for _, b := range batches {
		w.check(b)
	}
	outcomes := cairn.CommitEach(ctx, w.Store, batches)
	for i := range outcomes {
		if rand.IntN(20) == 0 {
			outcomes[i] = cairn.Outcome{Err: cairn.ErrUnknownOutcome}
		}
	}
	return outcomes
}

func (k *tower) check(b cairn.Batch) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, w := range b.Writes {
		for _, e := range w.Events {
			if due := k.due[string(e.Data)]; e.Type == "rang" && due.After(k.latest) {
				k.Errorf("%s, due at %v, fires at %v", e.Data, due, k.latest)
			}
		}
	}
}

func (k *tower) join() {
	w := &warden{store: grouptest.NewCuttable(watched{k.store, k}), done: make(chan error, 1)}
	k.wardens = append(k.wardens, w)
	o := timer.Options{Clock: k.clock, Window: 16 + k.dice.IntN(40), Batch: 1 + k.dice.IntN(20), Readers: 1 + k.dice.IntN(4),
		Horizon: time.Duration(1+k.dice.IntN(300)) * time.Second, CheckpointEvery: 1}
	go func() { w.done <- timer.Run(k.ctx, w.store, o) }()
}

func (k *tower) kill() {
	i := k.dice.IntN(len(k.wardens))
	w := k.wardens[i]
	k.wardens = append(k.wardens[:i], k.wardens[i+1:]...)
	w.store.Cut()
	if err := <-w.done; !errors.Is(err, grouptest.ErrCut) {
		k.Errorf("a runner that was cut off ended with %v", err)
	}
}

// turn turns the clock.
func (k *tower) turn(d time.Duration) {
	k.mu.Lock()
	k.latest = later(k.latest, k.clock.Now().Add(d))
	k.mu.Unlock()
	k.clock.Advance(d)
}

// turnBack sets the clock back, while nobody looks or under the eyes of all; then
// whoever has looked just before may still fire by the time of then.
func (k *tower) turnBack(d time.Duration) {
	if k.dice.IntN(3) == 0 {
		k.turn(-d)
		return
	}
	for len(k.wardens) > 0 {
		k.kill()
	}
	k.clock.Advance(-d)
	k.latest = k.clock.Now()
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// plan sets or cancels some timers in one batch.
func (k *tower) plan() {
	var b cairn.Batch
	for range 1 + k.dice.IntN(20) {
		key := fmt.Sprint("k", k.dice.IntN(60))
		w, err := timer.Cancel(key)
		if k.dice.IntN(5) > 0 {
			k.set++
			name := strconv.Itoa(k.set)
			due := k.clock.Now().Add(time.Duration(k.dice.IntN(1200)-100) * time.Second)
			k.mu.Lock()
			k.due[name] = due
			k.mu.Unlock()
			w, err = timer.Set(key, due, timer.Fire{Stream: "bell-" + key, Event: cairn.Event{Type: "rang", Data: []byte(name)}})
		}
		if err != nil {
			k.Fatal(err)
		}
		b.Writes = append(b.Writes, w)
	}
	r, err := k.store.Commit(k.ctx, b)
	if err != nil {
		k.Fatal(err)
	}
	k.stored = r.Position
}

// open opens the store that is in the files.
func (k *tower) open() {
	store, err := disk.Open("store", &disk.Options{FS: k.fs, SegmentSize: 1 << 20})
	if err != nil {
		k.Fatal(err)
	}
	k.store = store
	k.Cleanup(func() { store.Close() })
}

// crash stops the machine in the middle of everything. What was not synced may be
// gone, and what was answered for must not be.
func (k *tower) crash() {
	clone := k.fs.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: k.dice.IntN(101), RNG: k.dice})
	for len(k.wardens) > 0 {
		k.kill()
	}
	if err := k.store.Close(); err != nil {
		k.Fatal(err)
	}
	k.fs = clone
	k.open()
	if k.head() < k.stored {
		k.Fatalf("the log ends at %d, and %d was answered for", k.head(), k.stored)
	}
}

// audit reads the log and plays what may happen: a timer fires if it is set, and is
// not set any more then. It returns how many are overdue.
func (k *tower) audit() (overdue int) {
	set := map[string]string{}
	for e, err := range k.store.ReadAll(k.ctx, cairn.AllOptions{NoSystem: true}) {
		if err != nil {
			k.Fatal(err)
		}
		switch e.Type {
		case timer.TypeSet:
			var s struct{ Fire timer.Fire }
			if err := json.Unmarshal(e.Data, &s); err != nil {
				k.Fatal(err)
			}
			set[e.Stream] = string(s.Fire.Event.Data)
		case timer.TypeCancelled:
			delete(set, e.Stream)
		case "rang":
			of := "timer-" + e.Stream[len("bell-"):]
			if set[of] != string(e.Data) {
				k.Errorf("at %d %s rings for %s, and %q is set", e.Position, e.Stream, e.Data, set[of])
			}
			delete(set, of)
		case timer.TypeFailed:
			k.Errorf("%s has failed: %s", e.Stream, e.Data)
		}
	}
	for _, name := range set {
		if !k.due[name].After(k.clock.Now()) {
			overdue++
		}
	}
	return overdue
}

// settle waits until all has fired that is due.
func (k *tower) settle() {
	left := -1
	for _, err := range k.store.ReadAll(k.ctx, cairn.AllOptions{Follow: true, After: k.head(), CaughtUp: func(cairn.Position) {
		if left != 0 {
			left = k.audit()
		}
		if left == 0 && k.Context().Err() == nil {
			k.nudge()
		}
	}}) {
		if err != nil {
			k.Fatalf("with %d timers left: %v", left, err)
		}
		if left == 0 {
			return
		}
	}
}

func (k *tower) head() cairn.Position {
	info, err := k.store.Info(k.ctx)
	if err != nil {
		k.Fatal(err)
	}
	return info.Head
}

// nudge has followers look again.
func (k *tower) nudge() {
	if _, err := k.store.Append(k.ctx, "nudge", cairn.Any, cairn.Event{Type: "nudged"}); err != nil {
		k.Error(err)
	}
}

// TestStory: timers are set, set anew and cancelled, the clock is turned forward and
// back, runners come and are killed, and the machine crashes. Each timer fires once, none early, none not.
func TestStory(t *testing.T) {
	rounds := 5
	if testing.Short() {
		rounds = 1
	}
	for i := range rounds {
		t.Run(strconv.Itoa(i), story)
	}
}

func story(t *testing.T) {
	ctx, end := context.WithTimeout(t.Context(), patience)
	defer end()
	k := &tower{T: t, ctx: ctx, fs: vfs.NewCrashableMem(), dice: dice(t), clock: timertest.NewClock(noon), latest: noon, due: map[string]time.Time{}}
	k.open()
	for range 150 {
		switch n := k.dice.IntN(20); {
		case n < 8:
			k.plan()
		case n < 13:
			k.turn(time.Duration(k.dice.IntN(200)) * time.Second)
			if k.dice.IntN(10) == 0 {
				k.turn(time.Duration(k.dice.IntN(200)) * time.Minute)
			}
			if len(k.wardens) > 0 && k.dice.IntN(3) > 0 {
				k.settle()
			}
		case n < 14:
			k.turnBack(time.Duration(k.dice.IntN(1000)) * time.Second)
		case n < 17 && len(k.wardens) < 3:
			k.join()
		case n < 19 && len(k.wardens) > 0:
			k.kill()
		case n == 19 && k.dice.IntN(2) == 0:
			k.crash()
		}
	}
	for len(k.wardens) > 0 {
		k.kill()
	}
	k.join()
	k.turn(2 * time.Hour)
	k.settle()
	k.kill()
}

// TestTwoRunners: two of them fire each timer once, and the slower one soon stops
// trying.
func TestTwoRunners(t *testing.T) {
	store, clock := open(t), timertest.NewClock(noon)
	const rounds, each = 40, 25
	for i := range rounds {
		for n := range each {
			set(t, store, fmt.Sprint(i, " ", n), noon.Add(time.Duration(i)*time.Second), ring("x"))
		}
	}
	var mu sync.Mutex
	fired, lost := 0, 0
	count := func(n *int) {
		mu.Lock()
		defer mu.Unlock()
		*n++
	}
	o := timer.Options{Clock: clock, OnFired: func(string, time.Duration) { count(&fired) }, OnLost: func(string) { count(&lost) }}
	stops := []func(){run(t, store, o), run(t, store, o)}
	for i := range rounds {
		rung(t, store, (i+1)*each)
		clock.Advance(time.Second)
	}
	for _, stop := range stops {
		stop()
	}
	if got := len(rung(t, store, rounds*each)); fired != got || lost > fired/2 {
		t.Errorf("%d fired, and %d were tried in vain", fired, lost)
	}
}
