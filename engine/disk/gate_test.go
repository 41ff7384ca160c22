package disk

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/cairndb/cairn"
)

func TestGateLetsThroughWhoWaitsForWhatIs(t *testing.T) {
	g := newGate(5)
	for _, p := range []cairn.Position{0, 5} {
		if err := g.wait(t.Context(), p); err != nil {
			t.Errorf("position %d: %v", p, err)
		}
	}
}

func TestGateWakesAllItIsReachedBy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, woken := newGate(0), make(chan cairn.Position, 10)
		for p := range cairn.Position(5) {
			go func() {
				if err := g.wait(t.Context(), p+1); err == nil {
					woken <- p + 1
				}
			}()
		}
		synctest.Wait()
		g.set(3)
		synctest.Wait()
		if len(woken) != 3 {
			t.Errorf("%d woken at 3", len(woken))
		}
		g.set(2) // the store has taken something back
		synctest.Wait()
		if len(woken) != 3 || g.get() != 2 {
			t.Errorf("%d woken, at %d", len(woken), g.get())
		}
		g.set(5)
		synctest.Wait()
		if len(woken) != 5 {
			t.Errorf("%d woken at 5", len(woken))
		}
	})
}

func TestGateEndsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, cause, ends := newGate(0), errors.New("cause"), make(chan error, 2)
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() { ends <- g.wait(ctx, 1) }()
		synctest.Wait()
		cancel(cause)
		if err := <-ends; err != cause {
			t.Errorf("the context ended: %v", err)
		}
		go func() { ends <- g.wait(t.Context(), 1) }()
		synctest.Wait()
		g.close(cairn.ErrClosed)
		if err := <-ends; err != cairn.ErrClosed {
			t.Errorf("the gate was closed: %v", err)
		}
		if err := g.wait(t.Context(), 1); err != cairn.ErrClosed {
			t.Errorf("the gate is closed: %v", err)
		}
		if err := g.wait(t.Context(), 0); err != nil {
			t.Errorf("what is there needs no wait: %v", err)
		}
	})
}

// TestGateLosesNobody moves a gate while others begin to wait for it.
func TestGateLosesNobody(t *testing.T) {
	const last = 5000
	g := newGate(0)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for p := cairn.Position(1); p <= last; p = g.get() + 1 {
				if err := g.wait(t.Context(), p); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for p := range cairn.Position(last) {
		g.set(p + 1)
	}
	wg.Wait()
}
