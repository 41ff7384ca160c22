package platform

import (
	"context"
	"fmt"
	"net"
	"sync"
)

// pipes is a listener whose connections are pipes in this process.
type pipes struct {
	name        string
	connections chan net.Conn
	closing     sync.Once
	closed      chan struct{}
}

func (l *pipes) dial(ctx context.Context) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case l.connections <- there:
		return here, nil
	case <-l.closed:
		return nil, fmt.Errorf("the service %q is not there: %w", l.name, net.ErrClosed)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Accept implements [net.Listener].
func (l *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-l.connections:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements [net.Listener].
func (l *pipes) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return nil
}

// Addr implements [net.Listener].
func (l *pipes) Addr() net.Addr { return place(l.name) }

// A place is the address of a service in this process.
type place string

func (place) Network() string  { return "pipe" }
func (p place) String() string { return string(p) }
