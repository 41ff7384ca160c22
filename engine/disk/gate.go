package disk

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/cairndb/cairn"
)

// A gate is a position that rises and that one can wait for.
type gate struct {
	at     atomic.Uint64
	asked  atomic.Bool // somebody holds changed
	mu     sync.Mutex
	change chan struct{} // closed and replaced when at or closed changes
	err    error         // why it was closed
}

func newGate(at cairn.Position) *gate {
	g := &gate{change: make(chan struct{})}
	g.at.Store(uint64(at))
	return g
}

func (g *gate) get() cairn.Position { return cairn.Position(g.at.Load()) }

// set moves the gate and wakes who waits for it.
func (g *gate) set(p cairn.Position) {
	g.at.Store(uint64(p))
	if g.asked.Load() {
		g.wake()
	}
}

func (g *gate) wake() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked.Store(false)
	close(g.change)
	g.change = make(chan struct{})
}

// close makes every wait end with err, now and later.
func (g *gate) close(err error) {
	g.mu.Lock()
	g.err = err
	g.mu.Unlock()
	g.wake()
}

// changed returns a channel that is closed when the gate moves. Look at the
// gate after asking for the channel, not before.
func (g *gate) changed() (<-chan struct{}, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked.Store(true)
	return g.change, g.err
}

// wait waits until the gate is at p or beyond.
func (g *gate) wait(ctx context.Context, p cairn.Position) error {
	for g.get() < p {
		change, err := g.changed()
		if err != nil {
			return err
		}
		if g.get() >= p {
			break
		}
		select {
		case <-change:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}
