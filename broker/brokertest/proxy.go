package brokertest

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// A Proxy stands between TCP clients and servers, and is a [Line]: it can be
// cut, stalled and slowed down. Its methods may be called concurrently.
type Proxy struct {
	tb        testing.TB
	mu        sync.Mutex
	listeners map[string]net.Listener // by what they lead to
	pairs     map[*pair]struct{}
	cut       bool
	stalled   bool
	delay     time.Duration
	changed   chan struct{} // closed when the above changes
	closed    bool
	running   sync.WaitGroup
}

// A pair is a client's connection and what it leads to.
type pair struct {
	client, server net.Conn
	gone           chan struct{}
	end            func()
}

// NewProxy makes a proxy that ends with the test.
func NewProxy(tb testing.TB) *Proxy {
	p := &Proxy{tb: tb, listeners: map[string]net.Listener{}, pairs: map[*pair]struct{}{}, changed: make(chan struct{})}
	tb.Cleanup(p.close)
	return p
}

// Address is where to connect to in place of a server's address, which need not
// be there yet.
func (p *Proxy) Address(server string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l := p.listeners[server]; l != nil {
		return l.Addr().String()
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		p.tb.Fatalf("brokertest: %v", err)
	}
	p.listeners[server] = l
	p.running.Go(func() { p.accept(l, server) })
	return l.Addr().String()
}

// DialContext connects to a server through the proxy, for clients that learn of
// their servers' addresses from the servers.
func (p *Proxy) DialContext(ctx context.Context, network, server string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, p.Address(server))
}

// Cut ends all connections, and those that are made until Mend.
func (p *Proxy) Cut() {
	p.set(func() { p.cut = true })
	p.Drop()
}

// Drop ends all connections. New ones are served.
func (p *Proxy) Drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for pair := range p.pairs {
		pair.end()
	}
}

// Stall holds back all bytes until Mend.
func (p *Proxy) Stall() { p.set(func() { p.stalled = true }) }

// Slow has each piece of up to 32 KiB take so long to pass.
func (p *Proxy) Slow(delay time.Duration) { p.set(func() { p.delay = delay }) }

// Mend undoes Cut, Stall and Slow.
func (p *Proxy) Mend() { p.set(func() { p.cut, p.stalled, p.delay = false, false, 0 }) }

func (p *Proxy) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Proxy) accept(l net.Listener, server string) {
	for {
		client, err := l.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(client, server) })
	}
}

// serve connects a client with its server until either end is closed.
func (p *Proxy) serve(client net.Conn, server string) {
	conn, err := net.DialTimeout("tcp", server, 10*time.Second)
	if err != nil {
		client.Close()
		return
	}
	pair := &pair{client: client, server: conn, gone: make(chan struct{})}
	pair.end = sync.OnceFunc(func() { close(pair.gone); client.Close(); conn.Close() })
	defer pair.end()
	if !p.enter(pair) {
		return
	}
	defer p.leave(pair)
	var back sync.WaitGroup
	back.Go(func() { p.pass(pair, client, conn) })
	p.pass(pair, conn, client)
	back.Wait()
}

func (p *Proxy) enter(pair *pair) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cut || p.closed {
		return false
	}
	p.pairs[pair] = struct{}{}
	return true
}

func (p *Proxy) leave(pair *pair) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.pairs, pair)
}

// pass copies bytes in one direction, and ends both when that ends.
func (p *Proxy) pass(pair *pair, to io.Writer, from io.Reader) {
	defer pair.end()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if n > 0 && (!p.open(pair) || !wrote(to, b[:n])) || err != nil {
			return
		}
	}
}

func wrote(to io.Writer, b []byte) bool {
	_, err := to.Write(b)
	return err == nil
}

// open waits until bytes may pass; never, if their connection ends before.
func (p *Proxy) open(pair *pair) bool {
	slowed := false
	for {
		p.mu.Lock()
		stalled, delay, changed := p.stalled, p.delay, p.changed
		p.mu.Unlock()
		var after <-chan time.Time
		switch {
		case !stalled && (delay == 0 || slowed):
			return true
		case !stalled:
			after = time.After(delay)
		}
		select {
		case <-after:
			slowed = true
		case <-changed:
		case <-pair.gone:
			return false
		}
	}
}

func (p *Proxy) close() {
	p.mu.Lock()
	p.closed = true
	for _, l := range p.listeners {
		l.Close()
	}
	for pair := range p.pairs {
		pair.end()
	}
	p.mu.Unlock()
	p.running.Wait()
}
