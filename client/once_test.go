package client_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/client"
)

// A ledger holds what writers were told, to compare with what is stored. Events
// carry a name of their own in Data, so that it does not depend on IDs.
type ledger struct {
	mu      sync.Mutex
	told    map[string]cairn.Position // acknowledged, and where
	unknown map[string]bool           // outcome unknown
	refused map[string]bool           // certainly not stored
}

func newLedger() *ledger {
	return &ledger{told: map[string]cairn.Position{}, unknown: map[string]bool{}, refused: map[string]bool{}}
}

// note takes down what became of a batch.
func (l *ledger) note(name string, p cairn.Position, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err == nil:
		l.told[name] = p
	case errors.Is(err, cairn.ErrUnknownOutcome):
		l.unknown[name] = true
	default:
		l.refused[name] = true
	}
}

// audit reads the whole log: what was acknowledged is there once and where it was
// said to be, what was refused is not, and nothing else is but unknown outcomes.
func (l *ledger) audit(t *testing.T, store cairn.LogReader) {
	t.Helper()
	seen := map[string]cairn.Position{}
	for e, err := range store.ReadAll(t.Context(), cairn.AllOptions{NoSystem: true}) {
		if err != nil {
			t.Fatal(err)
		}
		name := string(e.Data)
		if before, twice := seen[name]; twice {
			t.Errorf("%s is stored at %d and at %d", name, before, e.Position)
		}
		seen[name] = e.Position
		if p, ok := l.told[name]; ok && p != e.Position {
			t.Errorf("%s is at %d, and was said to be at %d", name, e.Position, p)
		}
		if l.refused[name] {
			t.Errorf("%s is at %d, and was refused", name, e.Position)
		}
	}
	for name := range l.told {
		if seen[name] == 0 {
			t.Errorf("%s was acknowledged and is not there", name)
		}
	}
	for name := range seen {
		if _, ok := l.told[name]; !ok && !l.unknown[name] {
			t.Errorf("%s is there, and nobody was told", name)
		}
	}
	t.Logf("%d acknowledged, %d unknown, %d refused", len(l.told), len(l.unknown), len(l.refused))
}

// A writer appends in every way there is until stop is closed.
type writer struct {
	store   cairn.Store
	ledger  *ledger
	number  int
	rng     *rand.Rand
	at      cairn.Revision // of its own stream, if known
	certain bool
}

func (w *writer) stream() string { return fmt.Sprint("own-", w.number) }

// write writes one batch.
func (w *writer) write(ctx context.Context, n int) error {
	name := fmt.Sprintf("%d/%d", w.number, n)
	e := cairn.Event{Type: "x", Data: []byte(name), Tags: []string{"tag:" + name}}
	if w.rng.IntN(2) == 0 {
		e.ID = cairn.NewID()
	}
	b := cairn.Batch{}
	own := false
	switch w.rng.IntN(6) {
	case 0: // whatever is there
		b.Writes = []cairn.Write{{Stream: "everybody's", Expected: cairn.Any, Events: []cairn.Event{e}}}
	case 1: // a stream of its own
		b.Writes = []cairn.Write{{Stream: "new-" + name, Expected: cairn.NoStream, Events: []cairn.Event{e}}}
	case 2: // a key
		b.Key = name
		b.Writes = []cairn.Write{{Stream: "everybody's", Expected: cairn.Any, Events: []cairn.Event{e}}}
	case 3: // a condition that its own event violates
		b.Conditions = []cairn.Condition{cairn.NoneAfter(0, cairn.ByTag(e.Tags...))}
		b.Writes = []cairn.Write{{Stream: "everybody's", Expected: cairn.Any, Events: []cairn.Event{e}}}
	default: // an exact revision
		if own = w.certain; !own {
			if err := w.look(ctx); err != nil {
				return err
			}
			own = true
		}
		b.Writes = []cairn.Write{{Stream: w.stream(), Expected: w.at, Events: []cairn.Event{e}}}
	}
	r, err := w.store.Commit(ctx, b)
	w.ledger.note(name, r.Position, err)
	switch {
	case err == nil && r.Duplicate && e.ID.IsZero() && b.Key == "":
		return fmt.Errorf("%s is a duplicate", name)
	case err == nil && own:
		w.at = r.Revisions[0]
	case err != nil && own:
		w.certain = false
	}
	if errors.Is(err, cairn.ErrConflict) && !errors.Is(err, cairn.ErrUnknownOutcome) {
		return fmt.Errorf("%s: %w", name, err) // nobody else writes there
	}
	return nil
}

// look finds out where the writer's stream stands after an unknown outcome.
func (w *writer) look(ctx context.Context) error {
	info, err := w.store.StreamInfo(ctx, w.stream())
	w.at, w.certain = info.Last, err == nil
	return err
}

// writeAll has many write n batches each.
func writeAll(t *testing.T, store cairn.Store, l *ledger, writers, n int, seed uint64, each func()) {
	t.Helper()
	var group sync.WaitGroup
	for i := range writers {
		w := &writer{store: store, ledger: l, number: i, rng: rand.New(rand.NewPCG(seed, uint64(i)))}
		group.Go(func() {
			for k := range n {
				if err := w.write(t.Context(), k); err != nil {
					t.Error(err)
					return
				}
				each()
			}
		})
	}
	group.Wait()
}

// TestExactlyOnce: through connections that are cut everything is stored once, and
// nobody is left in doubt.
func TestExactlyOnce(t *testing.T) {
	seed := seed(t)
	store := openDisk(t, vfs.NewMem())
	server := serve(t, store, "")
	proxy := newProxy(t, server.address, seed)
	c := dial(t, proxy.address(), nil)
	var written atomic.Int64
	ledger := newLedger()
	writeAll(t, c, ledger, 16, 150, seed, func() {
		if written.Add(1)%100 == 0 {
			proxy.cutAll()
		}
	})
	ledger.audit(t, store)
	if n := len(ledger.unknown) + len(ledger.refused); n > 0 {
		t.Errorf("%d outcomes are not known or refused, though the server was there", n)
	}
	t.Logf("%d connections were cut within, and at least 20 between", proxy.cuts.Load())
	closeAll(t, c, server, proxy, store)
}

func closeAll(t *testing.T, c *client.Client, s *server, p *proxy, store cairn.Store) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	s.stop()
	p.close()
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}

// TestRestarts: the server is killed and started again, over the same store, with
// writes under way. What it was killed in the middle of is looked up.
func TestRestarts(t *testing.T) {
	for _, how := range []string{"killed", "stopped"} {
		t.Run(how, func(t *testing.T) { testRestarts(t, how == "killed") })
	}
}

func testRestarts(t *testing.T, kill bool) {
	seed, fs := seed(t), vfs.NewMem()
	store := openDisk(t, fs)
	running := serve(t, store, "")
	proxy := newProxy(t, running.address, seed)
	proxy.calm.Store(true)
	c := dial(t, proxy.address(), nil)
	ledger := newLedger()
	enough := make(chan struct{}, 1<<16)
	var writing sync.WaitGroup
	writing.Go(func() { writeAll(t, c, ledger, 16, 200, seed, func() { enough <- struct{}{} }) })
	for range 4 {
		for range 500 {
			<-enough
		}
		if kill {
			running.kill()
		} else {
			running.stop()
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		store = openDisk(t, fs) // which remembers nothing but what is stored
		running = serve(t, store, "")
		proxy.target.Store(&running.address)
	}
	writing.Wait()
	ledger.audit(t, store)
	if n := len(ledger.unknown) + len(ledger.refused); n > 0 {
		t.Errorf("%d outcomes are unknown or refused, though the log could be looked at", n)
	}
	closeAll(t, c, running, proxy, store)
}

// TestFollowersThroughCuts: followers and long reads see everything once and in
// order, whatever is cut.
func TestFollowersThroughCuts(t *testing.T) {
	seed := seed(t)
	store := openDisk(t, vfs.NewMem())
	server := serve(t, store, "")
	proxy := newProxy(t, server.address, seed)
	c := dial(t, proxy.address(), nil)
	const total = 3000
	type reader struct {
		name string
		read func(context.Context, func(cairn.Recorded) bool) error
		want func(*cairn.Recorded) bool
	}
	drain := func(seq func(func(cairn.Recorded, error) bool), see func(cairn.Recorded) bool) error {
		for e, err := range seq {
			if err != nil {
				return err
			}
			if !see(e) {
				return nil
			}
		}
		return errors.New("ended by itself")
	}
	all := func(*cairn.Recorded) bool { return true }
	third := func(e *cairn.Recorded) bool { return e.Type == "type-0" }
	mine := func(e *cairn.Recorded) bool { return e.Stream == "s-1" }
	readers := []reader{
		{"log", func(ctx context.Context, see func(cairn.Recorded) bool) error {
			return drain(c.ReadAll(ctx, cairn.AllOptions{Follow: true}), see)
		}, all},
		{"filtered", func(ctx context.Context, see func(cairn.Recorded) bool) error {
			return drain(c.ReadAll(ctx, cairn.AllOptions{Follow: true, Query: cairn.ByType("type-0")}), see)
		}, third},
		{"stream", func(ctx context.Context, see func(cairn.Recorded) bool) error {
			return drain(c.ReadStream(ctx, "s-1", cairn.ReadOptions{Follow: true}), see)
		}, mine},
	}
	seen := make([][]cairn.Position, len(readers))
	var group sync.WaitGroup
	for i, r := range readers {
		group.Go(func() {
			err := r.read(t.Context(), func(e cairn.Recorded) bool {
				seen[i] = append(seen[i], e.Position)
				return string(e.Data) != "last" || e.Position < total
			})
			if err != nil {
				t.Errorf("%s: %v", r.name, err)
			}
		})
	}
	for i := range total {
		e := cairn.Event{Type: fmt.Sprint("type-", i%3), Data: make([]byte, 500)}
		stream := fmt.Sprint("s-", i%2)
		if i >= total-6 {
			e.Data = []byte("last")
		}
		if _, err := store.Append(t.Context(), stream, cairn.Any, e); err != nil {
			t.Fatal(err)
		}
		if i%200 == 0 {
			proxy.cutAll()
		}
	}
	// Each reader leaves at its last event behind the end of the others' too.
	for i := range 6 {
		e := cairn.Event{Type: fmt.Sprint("type-", i%3), Data: []byte("last")}
		if _, err := store.Append(t.Context(), fmt.Sprint("s-", i%2), cairn.Any, e); err != nil {
			t.Fatal(err)
		}
	}
	group.Wait()
	for i, r := range readers {
		var want []cairn.Position
		for e, err := range store.ReadAll(t.Context(), cairn.AllOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			if r.want(&e) && len(want) < len(seen[i]) {
				want = append(want, e.Position)
			}
		}
		if !slices.Equal(seen[i], want) {
			t.Errorf("%s: saw %d events that are not the first %d, in order", r.name, len(seen[i]), len(want))
		}
	}
	closeAll(t, c, server, proxy, store)
}

// TestReadsThroughCuts: a read that is cut ends where it would have ended, both
// ways, while others write.
func TestReadsThroughCuts(t *testing.T) {
	seed := seed(t)
	store := openDisk(t, vfs.NewMem())
	server := serve(t, store, "")
	proxy := newProxy(t, server.address, seed)
	c := dial(t, proxy.address(), nil)
	const total = 4000
	for i := range total / 100 {
		list := slices.Repeat([]cairn.Event{{Type: "x", Data: make([]byte, 1000)}}, 100)
		if _, err := store.Append(t.Context(), fmt.Sprint("s-", i%2), cairn.Any, list...); err != nil {
			t.Fatal(err)
		}
	}
	grown := 0
	for name, o := range map[string]struct {
		read func() func(func(cairn.Recorded, error) bool)
		n    func() int
	}{
		"log": {func() func(func(cairn.Recorded, error) bool) { return c.ReadAll(t.Context(), cairn.AllOptions{}) }, func() int { return total + grown }},
		"log, backward": {func() func(func(cairn.Recorded, error) bool) {
			return c.ReadAll(t.Context(), cairn.AllOptions{Backward: true})
		}, func() int { return total + grown }},
		"log, limit": {func() func(func(cairn.Recorded, error) bool) {
			return c.ReadAll(t.Context(), cairn.AllOptions{Limit: 3000})
		}, func() int { return 3000 }},
		"stream": {func() func(func(cairn.Recorded, error) bool) {
			return c.ReadStream(t.Context(), "s-0", cairn.ReadOptions{})
		}, func() int { return total/2 + grown }},
		"stream, backward": {func() func(func(cairn.Recorded, error) bool) {
			return c.ReadStream(t.Context(), "s-0", cairn.ReadOptions{Backward: true})
		}, func() int { return total/2 + grown }},
	} {
		want, n := o.n(), 0
		var last cairn.Position
		for e, err := range o.read() {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if n > 0 && e.Position == last {
				t.Errorf("%s: sees %d twice", name, last)
			}
			last = e.Position
			if n++; n%500 == 1 {
				proxy.cutAll()
				if _, err := store.Append(t.Context(), "s-0", cairn.Any, cairn.Event{Type: "later"}); err != nil {
					t.Fatal(err)
				}
				grown++
			}
		}
		if n != want {
			t.Errorf("%s: %d events, want %d", name, n, want)
		}
	}
	closeAll(t, c, server, proxy, store)
}
