package disk

import (
	"runtime"
	"sync"

	"github.com/cairndb/cairn"
)

// A committer makes groups out of the requests that come at the same time, and
// commits a group at a time: sequence, write, sync, tell. One sync is the
// price of a group, whatever its size, so everything here is about letting
// groups become large without making anybody wait.
//
// # Who commits
//
// There is no goroutine for it. The first writer to come leads: it takes the
// group that it is in, commits it and tells the others, while those that come
// meanwhile form the next group, whose first member leads next. A single writer
// so pays for its own write and sync and for no switch between goroutines.
//
// Before it takes its group a leader yields a few times if the last group had
// several members: these were told a moment ago and, if they have more to
// write, are about to. Without that, writers fall into two halves that take
// turns. It never sleeps: the shortest sleep is longer than a sync.
//
// A goroutine that encodes the next group while another syncs was tried and
// gained nothing: parts became half as large, and each sync costs processor
// time too (docs/benchmarks.md has the figures).
type committer struct {
	store *Store
	seq   *sequencer

	mu      sync.Mutex
	waiting []*group // the last one still grows
	led     bool     // somebody leads
	closing bool
	last    int // requests of the last group

	idle *sync.Cond // led became false
}

const (
	groupBytes = 8 << 20 // from which on a group does not grow
	yields     = 16
)

func newCommitter(s *Store, q *sequencer) *committer {
	c := &committer{store: s, seq: q}
	c.idle = sync.NewCond(&c.mu)
	return c
}

// A stake is a group that a caller has requests in. The first to join a group
// has to lead it.
type stake struct {
	*group
	first bool
}

// commit has requests committed, in their order, and returns when the outcome
// of each is known. It fails only if none was taken.
func (c *committer) commit(rs []*request) error {
	var few [2]stake
	stakes, leads, err := c.enter(rs, few[:0])
	for i, s := range stakes {
		if leads && i == 0 {
			c.lead()
		} else if s.first {
			select {
			case <-s.lead:
				c.lead()
			case <-s.done:
			}
		}
		<-s.done
	}
	return err
}

// enter joins requests to groups. leads says that the caller leads the first of
// these at once.
func (c *committer) enter(rs []*request, stakes []stake) (_ []stake, leads bool, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return nil, false, cairn.ErrClosed
	}
	for _, r := range rs {
		g, first := c.join(r)
		if n := len(stakes); n == 0 || stakes[n-1].group != g {
			stakes = append(stakes, stake{g, first})
		}
	}
	if len(stakes) > 0 {
		leads = !c.led
		c.led = true
	}
	return stakes, leads, nil
}

// join adds the request to the group that is growing.
func (c *committer) join(r *request) (g *group, first bool) {
	if n := len(c.waiting); n > 0 && c.waiting[n-1].size+r.size <= groupBytes {
		g = c.waiting[n-1]
	} else {
		g = newGroup(c.last)
		c.waiting = append(c.waiting, g)
	}
	g.requests = append(g.requests, r)
	g.size += r.size
	g.events += r.given
	return g, len(g.requests) == 1
}

// take removes the oldest group; nil if there is none.
func (c *committer) take() *group {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) == 0 {
		return nil
	}
	g := c.waiting[0]
	c.waiting = c.waiting[1:]
	c.last = len(g.requests)
	return g
}

// lead commits the oldest group and passes the lead on.
func (c *committer) lead() {
	if c.last > 1 {
		for range yields {
			runtime.Gosched()
		}
	}
	if c.store.persist(c.seq.sequence(c.take())) != nil {
		c.seq.reset()
	}
	c.pass()
}

// pass gives the lead to the first of the next group, if there is one.
func (c *committer) pass() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.waiting) > 0 {
		c.waiting[0].lead <- struct{}{}
		return
	}
	c.led = false
	c.idle.Broadcast()
}

// close waits for the requests under way. Later ones fail.
func (c *committer) close() {
	c.mu.Lock()
	c.closing = true
	for c.led {
		c.idle.Wait()
	}
	c.mu.Unlock()
}
