package server

import (
	"crypto/tls"
	"net"
)

// A conn is a connection whose beginning was read already, to find out what it
// speaks. Who takes it over reads the beginning again and then, at the price of
// one indirect call, the connection itself.
type conn struct {
	net.Conn          // encrypted, if it is
	raw      net.Conn // below the encryption
	read     func([]byte) (int, error)
	begin    []byte // to be read again
	closed   func() // called by the first Close
	once     chan struct{}
}

// newConn wraps a connection; closed is called once, when it is closed.
func newConn(c net.Conn, closed func()) *conn {
	wrapped := &conn{Conn: c, raw: c, read: c.Read, closed: closed, once: make(chan struct{}, 1)}
	wrapped.once <- struct{}{}
	return wrapped
}

// Read implements [net.Conn]. It is called by one goroutine at a time.
func (c *conn) Read(p []byte) (int, error) { return c.read(p) }

// Close implements [net.Conn].
func (c *conn) Close() error {
	err := c.Conn.Close()
	select {
	case <-c.once:
		c.closed()
	default:
	}
	return err
}

// secure is the state of the connection's encryption; nil if it has none.
func (c *conn) secure() *tls.ConnectionState {
	t, ok := c.Conn.(*tls.Conn)
	if !ok {
		return nil
	}
	state := t.ConnectionState()
	return &state
}

// replay makes the next reads begin with bytes that were read already.
func (c *conn) replay(begin []byte) {
	c.begin = begin
	c.read = c.replayed
}

// replayed reads the beginning again; after that the connection is read itself.
func (c *conn) replayed(p []byte) (int, error) {
	n, err := c.next(p)
	if len(c.begin) == 0 {
		c.begin, c.read = nil, c.Conn.Read
	}
	return n, err
}

// next reads what is left of the beginning, then the connection.
func (c *conn) next(p []byte) (int, error) {
	if len(c.begin) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.begin)
	c.begin = c.begin[n:]
	return n, nil
}
