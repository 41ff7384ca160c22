package mongodb

import (
	"context"
	"encoding/binary"
	"net"
	"sync"
)

// FerretDB 1 finds a document and then writes it, in two steps that others come
// between, where MongoDB changes a document in one. So that the tests hold the
// target to what it does on MongoDB, FerretDB is asked one thing at a time.
var turn sync.Mutex

// A turns dials connections that take turns.
type turns struct{ net.Dialer }

func (d *turns) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &turnConn{Conn: c}, nil
}

// A turnConn has the turn from when it sends a request until it has the whole
// answer. Its first four bytes are its length.
type turnConn struct {
	net.Conn
	mu   sync.Mutex // of what follows: Close comes from anywhere
	mine bool
	head []byte // of the answer, as far as it is known
	left int    // of the answer, once that is known
}

func (c *turnConn) Write(b []byte) (int, error) {
	turn.Lock()
	c.mu.Lock()
	c.mine, c.head, c.left = true, nil, 0
	c.mu.Unlock()
	n, err := c.Conn.Write(b)
	if err != nil {
		c.release()
	}
	return n, err
}

func (c *turnConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if err != nil || c.answered(b[:n]) {
		c.release()
	}
	return n, err
}

// answered counts the answer.
func (c *turnConn) answered(b []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.head) < 4 && len(b) > 0 {
		if c.head, b = append(c.head, b[0]), b[1:]; len(c.head) == 4 {
			c.left = int(binary.LittleEndian.Uint32(c.head)) - 4
		}
	}
	c.left -= len(b)
	return len(c.head) == 4 && c.left <= 0
}

func (c *turnConn) Close() error {
	err := c.Conn.Close()
	c.release()
	return err
}

func (c *turnConn) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mine {
		c.mine = false
		turn.Unlock()
	}
}
