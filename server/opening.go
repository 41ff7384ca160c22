package server

import (
	"errors"
	"io"
	"time"
)

// A protocol is what a connection speaks.
type protocol uint8

const (
	speaksHTTP protocol = iota // HTTP/1.x, HTTP/2 without gRPC, and what nobody understands
	speaksGRPC
)

// preface is what a client that speaks HTTP/2 begins with.
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

// maxOpening is how many bytes are read to find out what a connection speaks.
const maxOpening = 64 << 10

// errOpening is the error of a connection that never said what it speaks.
var errOpening = errors.New("server: the client did not say what it speaks")

// An opening is the beginning of a connection.
type opening struct {
	conn   *conn
	limits Limits
	buf    []byte    // all that was read and not consumed
	by     time.Time // when the next bytes must be here
}

// detect finds out what a connection speaks, and leaves the connection as if
// nothing had been read from it. It fails when the connection does, or when the
// client takes too long.
func detect(c *conn, l Limits) (protocol, error) {
	o := &opening{conn: c, limits: l, buf: make([]byte, 0, 512), by: time.Now().Add(l.HandshakeTime)}
	http2, err := o.startsHTTP2()
	if err != nil {
		return 0, err
	}
	p := speaksHTTP
	if http2 {
		if p, err = o.detectHTTP2(); err != nil {
			return 0, err
		}
	} else {
		c.replay(o.buf)
	}
	return p, c.SetDeadline(time.Time{})
}

// startsHTTP2 reads until the beginning is that of HTTP/2 or something else.
func (o *opening) startsHTTP2() (bool, error) {
	for {
		n := min(len(o.buf), len(preface))
		if string(o.buf[:n]) != preface[:n] {
			return false, nil
		}
		if n == len(preface) {
			return true, nil
		}
		if err := o.more(); err != nil {
			return false, err
		}
	}
}

// more reads what comes next.
func (o *opening) more() error {
	if err := o.conn.SetDeadline(o.by); err != nil {
		return err
	}
	if len(o.buf) == cap(o.buf) {
		o.buf = append(make([]byte, 0, max(4*len(o.buf), 512)), o.buf...)
	}
	n, err := o.conn.read(o.buf[len(o.buf):cap(o.buf)])
	o.buf = o.buf[:len(o.buf)+n]
	if n > 0 {
		return nil
	}
	if err == nil || err == io.EOF {
		return errOpening
	}
	return err
}
