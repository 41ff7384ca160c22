package server

import (
	"context"
	"errors"
	"net"
	"time"
)

// accept takes connections until the listener is closed.
func (s *Server) accept(l net.Listener, toGRPC, toHTTP *handoff) error {
	pause := time.Duration(0)
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			s.admit(c, toGRPC, toHTTP)
		case s.isClosing():
			return nil
		case errors.Is(err, net.ErrClosed):
			return err
		default: // too many open files, perhaps: others may close some
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			s.log.Warn("cannot accept connections", "error", err, "again in", pause)
			s.pause(pause)
		}
	}
}

// pause waits, or returns early when the server is killed.
func (s *Server) pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.lifetime.Done():
	}
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// admit finds out what a connection speaks, beside the others, and hands it over.
func (s *Server) admit(raw net.Conn, toGRPC, toHTTP *handoff) {
	c := newConn(raw, s.left)
	if !s.enter(c) {
		return
	}
	s.running.Go(func() {
		p, err := s.welcome(c)
		s.mu.Lock()
		delete(s.opening, c)
		s.mu.Unlock()
		switch {
		case err != nil:
			s.log.Debug("connection refused", "from", raw.RemoteAddr(), "error", err)
			c.Close()
		case p == speaksGRPC:
			s.counted(c, "grpc")
			toGRPC.give(c)
		default:
			s.counted(c, "http")
			toHTTP.give(c)
		}
	})
}

// enter counts a connection, or closes it if there is no room.
func (s *Server) enter(c *conn) bool {
	s.mu.Lock()
	s.open++
	room := s.open <= s.opts.Limits.Connections
	if room && !s.closing {
		s.opening[c] = struct{}{}
		s.mu.Unlock()
		return true
	}
	s.mu.Unlock()
	if !room {
		s.log.Warn("too many connections", "limit", s.opts.Limits.Connections, "from", c.RemoteAddr())
	}
	c.Close()
	return false
}

// left counts a connection that was closed.
func (s *Server) left() {
	s.mu.Lock()
	s.open--
	s.mu.Unlock()
}

// counted shows a connection in the metrics until it is closed.
func (s *Server) counted(c *conn, protocol string) {
	if s.opts.Instruments == nil {
		return
	}
	gone, left := s.opts.Instruments.Connection(protocol), c.closed
	c.closed = func() { gone(); left() }
}

// welcome does what a connection needs before it can be handed over.
func (s *Server) welcome(c *conn) (protocol, error) {
	if s.tls != nil {
		ctx, cancel := context.WithTimeout(s.lifetime, s.opts.Limits.HandshakeTime)
		defer cancel()
		if err := c.encrypt(ctx, s.tls); err != nil {
			return 0, err
		}
	}
	return detect(c, s.opts.Limits)
}
