package persistent_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/server/kurrent/persistent"
)

// A crowd are consumers that come, answer as they like and go, all at once, with a
// clock that runs.
type crowd struct {
	*world
	mu    sync.Mutex
	done  map[int]bool
	end   context.CancelFunc // called when all is done
	total int
}

func TestCrowd(t *testing.T) {
	for _, strategy := range []string{persistent.RoundRobin, persistent.Pinned} {
		store, err := disk.OpenMemory(nil)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, store: store, most: 64 << 10}
		w.start()
		c := &crowd{world: w, done: map[int]bool{}, total: 2000}
		c.run(strategy)
		w.subs.Close(errors.New("over"))
		store.Close()
	}
}

func (c *crowd) run(strategy string) {
	patience, cancel := context.WithTimeout(c.Context(), time.Minute)
	defer cancel()
	ctx, end := context.WithCancel(patience)
	defer end()
	c.end = end
	c.create(by(strategy), func(s *persistent.Settings) { s.MaxRetryCount, s.MaxCheckpointCount = 1000, 50 })
	var busy sync.WaitGroup
	for n := range 8 {
		busy.Go(func() { c.member(ctx, rand.New(rand.NewPCG(1, uint64(n)))) })
	}
	c.put("s", c.total)
	busy.Wait()
	if len(c.done) < c.total {
		c.Errorf("%d of %d events are done", len(c.done), c.total)
	}
	for {
		_, unsettled, runs := c.get().Held()
		if unsettled == 0 && !runs {
			return
		}
		select {
		case <-time.After(time.Millisecond):
		case <-patience.Done():
			c.Fatalf("%d are not settled, runs %v", unsettled, runs)
		}
	}
}

// member comes and goes until all is done.
func (c *crowd) member(ctx context.Context, r *rand.Rand) {
	for {
		one, err := c.get().Connect(ctx, persistent.Client{Buffer: 1 + r.IntN(20)})
		if err != nil {
			c.Error(err)
			return
		}
		over := c.stay(ctx, one, r)
		one.Close()
		if over {
			return
		}
	}
}

// stay takes some events and reports whether all is done.
func (c *crowd) stay(ctx context.Context, one *persistent.Consumer, r *rand.Rand) bool {
	for range 1 + r.IntN(200) {
		d, err := one.Next(ctx)
		if err != nil {
			return true
		}
		switch n := r.IntN(20); {
		case n == 0:
			one.Nack(persistent.Retry, "", d.ID)
		case n == 1: // leaves without an answer
			return false
		default:
			c.note(number(&d))
			one.Ack(d.ID)
		}
	}
	return false
}

func (c *crowd) note(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done[n] = true
	if len(c.done) == c.total {
		c.end()
	}
}
