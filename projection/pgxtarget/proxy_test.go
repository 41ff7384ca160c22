package pgxtarget_test

import (
	"context"
	"fmt"
	"net"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A proxy passes on what clients and the server say, until so much was said.
type proxy struct {
	listener net.Listener
	server   string
	conns    sync.WaitGroup

	mu   sync.Mutex
	left [2]int // bytes to the server and to the client before all is cut, or -1
	said [2]int // bytes since the last limit
	open map[net.Conn]bool
}

const toServer, toClient = 0, 1

// newProxy stands in front of the server.
func newProxy(t *testing.T) *proxy {
	config, err := pgx.ParseConfig(source())
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{server: net.JoinHostPort(config.Host, fmt.Sprint(config.Port)), open: map[net.Conn]bool{}, left: [2]int{-1, -1}}
	if p.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	p.conns.Go(p.accept)
	t.Cleanup(func() {
		p.listener.Close()
		p.cut()
		p.conns.Wait()
	})
	return p
}

// connects is how a pool connects by way of the proxy.
func (p *proxy) connects(c *pgxpool.Config) {
	address := p.listener.Addr().(*net.TCPAddr)
	c.ConnConfig.Host, c.ConnConfig.Port = address.IP.String(), uint16(address.Port)
	c.ConnConfig.Fallbacks, c.ConnConfig.TLSConfig = nil, nil
	c.ShouldPing = func(context.Context, pgxpool.ShouldPingParams) bool { return false }
	c.MaxConns = 1
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			client.Close()
			continue
		}
		p.mu.Lock()
		p.open[client], p.open[server] = true, true
		p.mu.Unlock()
		p.conns.Go(func() { p.pass(toServer, server, client) })
		p.conns.Go(func() { p.pass(toClient, client, server) })
	}
}

// pass passes on in one direction, to the last byte that may pass.
func (p *proxy) pass(direction int, to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		n, last := p.allowed(direction, n)
		if _, failed := to.Write(b[:n]); failed != nil || err != nil || last {
			if last {
				p.cut()
			}
			return
		}
	}
}

func (p *proxy) allowed(direction, n int) (int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said[direction] += n
	left := p.left[direction]
	if left < 0 || n < left {
		p.left[direction] -= min(n, max(left, 0))
		return n, false
	}
	p.left[direction] = -1
	return left, true
}

// conversation is how much was said since the last limit.
func (p *proxy) conversation() [2]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said
}

// limit sets how much may be said before all connections are cut.
func (p *proxy) limit(direction, bytes int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left, p.said = [2]int{-1, -1}, [2]int{}
	p.left[direction] = bytes
}

// cut closes all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.open {
		c.Close()
	}
	clear(p.open)
}
