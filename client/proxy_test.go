package client_test

import (
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A proxy stands between client and server. It forwards bytes, now and then late,
// and cuts each connection after a random number of them, in the middle of
// whatever is there: from one that does not even let the two sides greet each
// other to one that lets a batch of the largest size pass.
type proxy struct {
	listener net.Listener
	target   atomic.Pointer[string]
	calm     atomic.Bool // cut nothing
	cuts     atomic.Int64
	running  sync.WaitGroup

	mu    sync.Mutex
	rng   *rand.Rand
	shut  bool
	pairs map[*pair]bool
}

// A pair is a connection through the proxy.
type pair struct {
	client, server net.Conn
	left           atomic.Int64 // bytes until it is cut
}

func newProxy(t testing.TB, target string, seed uint64) *proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: listener, rng: rand.New(rand.NewPCG(seed, 0)), pairs: map[*pair]bool{}}
	p.target.Store(&target)
	p.running.Go(p.accept)
	return p
}

func (p *proxy) address() string { return p.listener.Addr().String() }

func (p *proxy) close() {
	p.mu.Lock()
	p.shut = true
	for c := range p.pairs {
		c.end()
	}
	p.mu.Unlock()
	_ = p.listener.Close()
	p.running.Wait()
}

// cutAll cuts what there is.
func (p *proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.pairs {
		c.end()
	}
}

func (c *pair) end() {
	_ = c.client.Close()
	_ = c.server.Close()
}

func (p *proxy) accept() {
	for {
		in, err := p.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", *p.target.Load())
		if err != nil {
			_ = in.Close()
			continue
		}
		c := &pair{client: in, server: out}
		c.left.Store(p.budget())
		if !p.enter(c) {
			c.end()
			return
		}
		p.running.Go(func() { p.forward(c) })
	}
}

// budget is from 256 bytes to 256 MiB, where each power of two is as likely as any
// other.
func (p *proxy) budget() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.calm.Load() {
		return 1 << 60
	}
	power := 8 + p.rng.IntN(20)
	return 1<<power + p.rng.Int64N(1<<power)
}

func (p *proxy) enter(c *pair) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pairs[c] = true
	return !p.shut
}

// forward copies both ways until one of them ends.
func (p *proxy) forward(c *pair) {
	var ways sync.WaitGroup
	ways.Go(func() { p.copy(c, c.server, c.client) })
	ways.Go(func() { p.copy(c, c.client, c.server) })
	ways.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.pairs, c)
}

func (p *proxy) copy(c *pair, to, from net.Conn) {
	defer c.end()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		p.dawdle()
		left := c.left.Add(-int64(n)) + int64(n)
		if int64(n) > left {
			_, _ = to.Write(buf[:max(left, 0)])
			p.cuts.Add(1)
			return
		}
		if _, failed := to.Write(buf[:n]); err != nil || failed != nil {
			return
		}
	}
}

// dawdle is late now and then.
func (p *proxy) dawdle() {
	p.mu.Lock()
	late := time.Duration(0)
	if !p.calm.Load() && p.rng.IntN(50) == 0 {
		late = time.Duration(p.rng.Int64N(int64(3 * time.Millisecond)))
	}
	p.mu.Unlock()
	time.Sleep(late)
}
