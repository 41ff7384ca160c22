package main

import (
	"net"
	"sync"
)

// A forwarder passes connections on.
type forwarder struct {
	listener net.Listener
	to       string
	open     sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool // nil once stopped
}

// forwardTo passes the connections of one address on to another.
func forwardTo(from, to string) (*forwarder, error) {
	l, err := net.Listen("tcp", from)
	if err != nil {
		return nil, err
	}
	f := &forwarder{listener: l, to: to, conns: map[net.Conn]bool{}}
	f.open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			f.open.Go(func() { f.forward(c) })
		}
	})
	return f, nil
}

func (f *forwarder) forward(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", f.to)
	if err != nil || !f.keep(near, far) {
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			_, _ = way[0].(*net.TCPConn).WriteTo(way[1])
			_ = way[1].(*net.TCPConn).CloseWrite()
		})
	}
	both.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.conns, near)
	delete(f.conns, far)
	far.Close()
}

// keep remembers connections, to close them at the end.
func (f *forwarder) keep(conns ...net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range conns {
		if f.conns == nil {
			c.Close()
			continue
		}
		f.conns[c] = true
	}
	return f.conns != nil
}

// stop closes everything and waits.
func (f *forwarder) stop() {
	f.listener.Close()
	f.mu.Lock()
	for c := range f.conns {
		c.Close()
	}
	f.conns = nil
	f.mu.Unlock()
	f.open.Wait()
}
