package projection

import (
	"context"
	"maps"
	"sync"
)

// A crew is the runners of a deployment, one for each build.
type crew[Tx any] struct {
	mu     sync.Mutex
	aboard map[int]*runner[Tx] // by build
	failed map[int]error       // why builds do not run, by number
	ended  chan ending
	wg     sync.WaitGroup
}

// An ending is that of a runner.
type ending struct {
	build, version int
	err            error
}

func newCrew[Tx any]() *crew[Tx] {
	return &crew[Tx]{aboard: map[int]*runner[Tx]{}, failed: map[int]error{}, ended: make(chan ending)}
}

// here reports whether a build runs here.
func (c *crew[Tx]) here(build int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.aboard[build] != nil
}

// runners are those that run now, by build.
func (c *crew[Tx]) runners() map[int]*runner[Tx] {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.aboard)
}

// errors are why builds do not run, by number.
func (c *crew[Tx]) errors() map[int]error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.failed)
}

// start runs a build with a runner until ctx ends. Somebody must receive from ended
// as long as ctx has not.
func (c *crew[Tx]) start(ctx context.Context, b Definition, r *runner[Tx], run func(ctx context.Context) error) {
	c.mu.Lock()
	c.aboard[b.Build] = r
	delete(c.failed, b.Build)
	c.mu.Unlock()
	c.wg.Go(func() {
		err := run(ctx)
		c.mu.Lock()
		if ctx.Err() == nil {
			c.failed[b.Build] = err
		}
		c.mu.Unlock()
		select {
		case c.ended <- ending{b.Build, b.Version, err}:
		case <-ctx.Done():
		}
	})
}

// left takes a runner off board whose end somebody has been told of. Until then
// nobody begins it again.
func (c *crew[Tx]) left(build int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.aboard, build)
}
