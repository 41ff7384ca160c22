package projection_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
	"github.com/cairndb/cairn/storetest"
)

type tx = *memtarget.Tx

// A realm is a store, a database and programs, in a bubble of its own time.
type realm struct {
	*testing.T
	store  cairn.Store
	target *memtarget.Target
	rand   *rand.Rand
	seed   uint64
	wrote  map[string]int
	pause  atomic.Int64 // of those who read all the time
}

// inRealm runs a test in a bubble. It fails if goroutines are left.
func inRealm(t *testing.T, seed uint64, test func(r *realm)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := &realm{T: t, store: storetest.NewReference(), target: memtarget.New(), rand: rand.New(rand.NewPCG(seed, 0)), seed: seed, wrote: map[string]int{}}
		r.pause.Store(int64(time.Millisecond))
		test(r)
		r.check(r.store.Close())
	})
}

func (r *realm) check(err error) {
	r.Helper()
	if err != nil {
		r.Fatalf("seed %d: %v", r.seed, err)
	}
}

// pass lets a long time go by, in which readers look more seldom.
func (r *realm) pass(d time.Duration) {
	r.pause.Store(int64(10 * time.Second))
	time.Sleep(d)
	r.pause.Store(int64(time.Millisecond))
}

// put appends events to streams chosen at random.
func (r *realm) put(n int) {
	r.Helper()
	for range n {
		stream := fmt.Sprintf("k-%d", r.rand.IntN(8))
		_, err := r.store.Append(r.Context(), stream, cairn.Any, cairn.Event{Type: "added"})
		r.check(err)
		r.wrote[stream]++
	}
}

// A cell is a row: how many events of its stream were applied, by which version.
type cell struct{ version, n int }

// tallying counts the events of each stream, into two tables. Builds of version 2
// and later have them under the same names.
func tallying(version int) projection.Projection[tx] {
	return projection.Projection[tx]{
		Name: "counts", Version: version, Tables: []string{"count", "twin"},
		Handler: projection.OnEvent(func(_ context.Context, tx tx, e *projection.Event) error {
			c, _ := memtarget.Value[cell](tx.Get(e.Name("count"), e.Stream))
			c = cell{version, c.n + 1}
			tx.Set(e.Name("count"), e.Stream, c)
			tx.Set(e.Name("twin"), e.Stream, c)
			return nil
		}, "added"),
	}
}

// A program is something that runs until it is stopped.
type program struct {
	cancel context.CancelCauseFunc
	done   chan error
}

var errKilled = errors.New("killed")

func (r *realm) start(run func(ctx context.Context) error) *program {
	ctx, cancel := context.WithCancelCause(r.Context())
	p := &program{cancel, make(chan error, 1)}
	go func() { p.done <- run(ctx) }()
	return p
}

// stop kills a program and returns what it said.
func (p *program) stop() error {
	p.cancel(errKilled)
	return <-p.done
}

func (r *realm) stop(p *program) {
	r.Helper()
	if err := p.stop(); !errors.Is(err, errKilled) {
		r.Fatalf("seed %d: the program ended with %v", r.seed, err)
	}
}

func (r *realm) run(target projection.Target[tx], p projection.Projection[tx], o *projection.Options) *program {
	return r.start(func(ctx context.Context) error { return projection.Run(ctx, r.store, target, p, o) })
}

func (r *realm) deploy(target projection.Target[tx], p projection.Projection[tx], o *projection.DeployOptions, old ...projection.Projection[tx]) *program {
	return r.start(func(ctx context.Context) error {
		return projection.Deploy(ctx, r.store, target, p, o, old...)
	})
}

func (r *realm) status() projection.Status {
	r.Helper()
	s, err := projection.StatusOf(r.Context(), r.store, r.target, "counts")
	r.check(err)
	return s
}

// until waits for a state of affairs, an hour at most.
func (r *realm) until(what string, ok func() bool) {
	r.Helper()
	for begun := time.Now(); !ok(); time.Sleep(max(10*time.Millisecond, time.Since(begun)/10)) {
		if time.Since(begun) > time.Hour {
			r.Fatalf("seed %d: %s never came: %+v", r.seed, what, r.status())
		}
	}
}

func (r *realm) untilActive(build int) {
	r.Helper()
	r.until(fmt.Sprintf("the switch to build %d", build), func() bool {
		s, err := projection.StatusOf(r.Context(), r.store, r.target, "counts")
		return err == nil && s.Active == build
	})
}

// untilShown waits until readers see all that was written, and checks that it is
// right in every table.
func (r *realm) untilShown(version int) {
	r.Helper()
	r.until("what was written", func() bool {
		shown := true
		r.target.View(func(v memtarget.View) {
			for stream, n := range r.wrote {
				for _, table := range []string{"count", "twin"} {
					c, _ := memtarget.Value[cell](v.Get(table, stream))
					shown = shown && c.n >= n
					if c.n > n || c.n == n && c.version != version {
						r.Errorf("seed %d: %s of %s is %+v, want %d by version %d", r.seed, stream, table, c, n, version)
					}
				}
			}
		})
		return shown
	})
}

// sameAs checks that a build holds the same as one made by a single runner.
func (r *realm) sameAs(build int) {
	r.Helper()
	rows := 0
	for key, row := range r.target.Table(projection.Names{Build: build}.Name("count")).Scan("") {
		if rows++; row.(cell).n != r.wrote[key] {
			r.Errorf("seed %d: %s of build %d is %v, want %d", r.seed, key, build, row, r.wrote[key])
		}
	}
	if rows != len(r.wrote) {
		r.Errorf("seed %d: build %d has %d rows of %d", r.seed, build, rows, len(r.wrote))
	}
}

// A watcher reads all the time, as one of those whom nothing of a deployment may
// disturb.
type watcher struct {
	*program
	mu       sync.Mutex
	switches []int // the versions seen one after the other
}

func (r *realm) watch() *watcher {
	w := &watcher{}
	seen := map[string]int{}
	w.program = r.start(func(ctx context.Context) error {
		for ; ctx.Err() == nil; time.Sleep(time.Duration(r.pause.Load())) {
			r.target.View(func(v memtarget.View) { w.look(r, v, seen) })
		}
		return context.Cause(ctx)
	})
	return w
}

func (w *watcher) look(r *realm, v memtarget.View, seen map[string]int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	versions := map[int]bool{}
	for _, table := range []string{"count", "twin"} {
		rows := 0
		for key, row := range v.Scan(table, "") {
			rows++
			c := row.(cell)
			versions[c.version] = true
			if c.n < seen[key] {
				r.Errorf("seed %d: %s of %s went back from %d to %d", r.seed, key, table, seen[key], c.n)
			}
			seen[key] = c.n
		}
		if rows < len(seen) {
			r.Errorf("seed %d: %s shows %d rows of %d", r.seed, table, rows, len(seen))
		}
	}
	if len(versions) > 1 {
		r.Errorf("seed %d: a mixture of versions %v", r.seed, versions)
	}
	for version := range versions {
		if n := len(w.switches); n == 0 || w.switches[n-1] != version {
			w.switches = append(w.switches, version)
		}
	}
}
