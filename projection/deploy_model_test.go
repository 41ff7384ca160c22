package projection_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn/projection"
)

// A frail database loses its connection or kills the program in the middle of an
// operation, before it is done or after.
type frail struct {
	*hosted
	mu   sync.Mutex
	rand *rand.Rand
	odds int  // one operation in so many fails
	off  bool // everything fails
	kill func()
}

var errCutOff = errors.New("the connection is lost")

func (f *frail) Fault(err error) projection.Fault {
	if errors.Is(err, errCutOff) {
		return projection.FaultDown
	}
	return f.hosted.Fault(err)
}

// try does an operation, or does it and says that it does not know, or not.
func (f *frail) try(do func() error) error {
	f.mu.Lock()
	fate := 6
	if f.rand.IntN(f.odds) == 0 {
		fate = f.rand.IntN(6)
	}
	if f.off {
		fate = 1
	}
	f.mu.Unlock()
	if fate == 0 {
		f.kill()
	}
	if fate <= 2 {
		return errCutOff
	}
	err := do()
	if fate == 3 {
		f.kill()
	}
	if fate <= 5 && err == nil {
		return errCutOff
	}
	return err
}

func (f *frail) Entries(ctx context.Context, prefix string) (found []projection.Entry, err error) {
	err = f.try(func() error { found, err = f.hosted.Entries(ctx, prefix); return err })
	return found, err
}

func (f *frail) Apply(ctx context.Context, c projection.Change) error {
	return f.try(func() error { return f.hosted.Apply(ctx, c) })
}

func (f *frail) Update(ctx context.Context, c projection.Change, fn func(context.Context, tx) error) error {
	return f.try(func() error { return f.hosted.Update(ctx, c, fn) })
}

func (f *frail) Publish(ctx context.Context, c projection.Change, tables []string, to projection.Names) error {
	return f.try(func() error { return f.hosted.Publish(ctx, c, tables, to) })
}

func (f *frail) Discard(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
	return f.try(func() error { return f.hosted.Discard(ctx, c, tables, of) })
}

// immortal runs a program on a frail database, and begins it again whenever it is
// killed, until it is stopped or ends by itself.
func (r *realm) immortal(odds int, run func(ctx context.Context, target projection.Target[tx]) error) *program {
	own := rand.New(rand.NewPCG(r.rand.Uint64(), 0))
	return r.start(func(ctx context.Context) error {
		for {
			life, end := context.WithCancelCause(ctx)
			err := run(life, &frail{hosted: r.target, rand: own, odds: odds, kill: func() { end(errKilled) }})
			end(nil)
			if ctx.Err() != nil || !errors.Is(err, errKilled) {
				return err
			}
		}
	})
}

// Whatever happens to the programs, readers see one switch after the other, and in
// the end what a single runner would have made.
func TestDeployModel(t *testing.T) {
	seeds := uint64(6)
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { inRealm(t, seed, deployModel) })
	}
}

const modelGrace = 20 * time.Minute

func deployModel(r *realm) {
	lanes := 1 + r.rand.IntN(3)
	version := func(n int) projection.Projection[tx] {
		p := tallying(n)
		p.Lanes = 1 + (lanes+n)%3 // not as many in each version
		return p
	}
	deploying := func(n int, old ...projection.Projection[tx]) *program {
		return r.immortal(10+r.rand.IntN(60), func(ctx context.Context, target projection.Target[tx]) error {
			return projection.Deploy(ctx, r.store, target, version(n), &projection.DeployOptions{Grace: modelGrace}, old...)
		})
	}
	r.put(r.rand.IntN(100) + 1)
	first := deploying(1)
	r.untilShown(1)
	w := r.watch()
	feeding := r.feed()
	var next []*program
	for range 1 + r.rand.IntN(2) {
		next = append(next, deploying(2))
	}
	r.untilActive(2)
	seen := []int{1, 2}
	if r.rand.IntN(2) == 0 {
		r.back(1)
		r.back(2)
		seen = append(seen, 1, 2)
	}
	feeding()
	r.untilShown(2)
	r.until("the old build", func() bool { b, ok := r.build(1); return ok && b.Lag == 0 })
	r.sameAs(1)
	r.pass(modelGrace)
	r.until("the end of the old build", func() bool { _, there := r.build(1); return !there })
	if err := <-first.done; !errors.Is(err, projection.ErrDiscarded) {
		r.Errorf("seed %d: the old program ended with %v", r.seed, err)
	}
	r.put(5)
	r.untilShown(2)
	for _, p := range next {
		if err := p.stop(); !errors.Is(err, errKilled) {
			r.Errorf("seed %d: a program ended with %v", r.seed, err)
		}
	}
	r.stop(w.program)
	if fmt.Sprint(w.switches) != fmt.Sprint(seen) {
		r.Errorf("seed %d: readers saw %v, want %v", r.seed, w.switches, seen)
	}
	r.sameAs(2)
	r.nothingOf(1)
	if s := r.status(); len(s.Builds) != 1 || s.Active != 2 {
		r.Errorf("seed %d: in the end there is %+v", r.seed, s)
	}
}

// back takes readers to the build that they saw before.
func (r *realm) back(build int) {
	r.Helper()
	time.Sleep(time.Duration(r.rand.IntN(1000)) * time.Millisecond)
	r.until("the rollback", func() bool {
		f := &frail{hosted: r.target, rand: r.rand, odds: 10, kill: func() {}}
		if r.status().Active == build {
			return true
		}
		err := projection.Rollback(r.Context(), r.store, f, "counts", &projection.SwitchOptions{Grace: modelGrace})
		if err != nil && !errors.Is(err, errCutOff) && !errors.Is(err, projection.ErrBehind) && !errors.Is(err, projection.ErrMoved) {
			r.Fatalf("seed %d: rollback: %v", r.seed, err)
		}
		return r.status().Active == build
	})
}

func (r *realm) build(n int) (projection.BuildStatus, bool) {
	r.Helper()
	s := r.status()
	return s.Build(n)
}

// feed appends events all the time, until the function is called.
func (r *realm) feed() (stop func()) {
	other := &realm{T: r.T, store: r.store, rand: rand.New(rand.NewPCG(r.seed, 1)), seed: r.seed, wrote: map[string]int{}}
	p := r.start(func(ctx context.Context) error {
		for ; ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
			other.put(1)
			if other.rand.IntN(100) == 0 {
				time.Sleep(time.Second)
			}
		}
		return context.Cause(ctx)
	})
	return func() {
		r.stop(p)
		for stream, n := range other.wrote {
			r.wrote[stream] += n
		}
	}
}
