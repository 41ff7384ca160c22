package brokertest_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/cairndb/cairn/broker/brokertest"
)

// echo is a server that says each line again.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(c, c); c.Close() }() // ends with the proxy, which closes what it has opened
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

// A talk is a connection through a proxy.
type talk struct {
	net.Conn
	in *bufio.Reader
}

func call(t *testing.T, p *brokertest.Proxy, server string) *talk {
	t.Helper()
	c, err := p.DialContext(t.Context(), "tcp", server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &talk{c, bufio.NewReader(c)}
}

// say says a line, and returns how hearing it again went.
func (c *talk) say(patience time.Duration) error {
	if _, err := io.WriteString(c, "hello\n"); err != nil {
		return err
	}
	return c.hear(patience)
}

func (c *talk) hear(patience time.Duration) error {
	if err := c.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := c.in.ReadString('\n')
	return err
}

func TestProxy(t *testing.T) {
	const long, short = 30 * time.Second, 50 * time.Millisecond
	server := echo(t)
	p := brokertest.NewProxy(t)
	a := call(t, p, server)
	if err := a.say(long); err != nil {
		t.Fatal(err)
	}
	p.Stall()
	if err := a.say(short); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("through a stalled proxy came %v", err)
	}
	p.Mend()
	if err := a.hear(long); err != nil {
		t.Errorf("what was stalled is lost: %v", err)
	}
	p.Slow(short)
	begin := time.Now()
	if err := a.say(long); err != nil || time.Since(begin) < 2*short {
		t.Errorf("a line went there and back in %v, %v", time.Since(begin), err)
	}
	p.Cut()
	if err := a.say(long); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a connection that was cut said %v", err)
	}
	if err := call(t, p, server).say(long); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a connection through a cut proxy said %v", err)
	}
	p.Mend()
	b := call(t, p, server)
	if err := b.say(long); err != nil {
		t.Error(err)
	}
	p.Drop()
	if err := b.say(long); err == nil {
		t.Error("a connection that was dropped is still there")
	}
	if err := call(t, p, server).say(long); err != nil {
		t.Error(err)
	}
}
