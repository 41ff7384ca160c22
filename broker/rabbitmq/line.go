package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"time"
)

var (
	errLate   = errors.New("the broker confirms nothing")
	errHungUp = errors.New("the publisher is closed")
)

// A line is the connection of a publisher, again and again. Who needs it first
// connects; after a failure nobody tries before the time is up, so that a broker
// that is down, or refuses us, is not asked for every message.
type line struct {
	o       *PublisherOptions
	turn    chan struct{} // holds a value while somebody uses what is below
	current *session
	closed  bool

	failures int
	failure  error
	next     time.Time // of connecting
}

// session returns the connection, or makes one.
func (l *line) session(ctx context.Context) (*session, error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if l.closed {
		return nil, errHungUp
	}
	if l.current != nil && !l.bury() {
		return l.current, l.current.refusal()
	}
	if wait := time.Until(l.next); wait > 0 {
		return nil, fmt.Errorf("not connected, and not trying for %v: %w", wait.Round(time.Millisecond), l.failure)
	}
	return l.connect(ctx)
}

// bury forgets a connection that is lost. One over which nothing was ever
// confirmed counts as a failure to connect, because the next would fare the same.
func (l *line) bury() bool {
	err := l.current.lost()
	if err == nil {
		return false
	}
	if l.current.proven.Load() {
		l.failures, l.next = 0, time.Time{}
	} else {
		l.failed(err)
	}
	l.current.wait()
	l.current = nil
	return true
}

func (l *line) connect(ctx context.Context) (*session, error) {
	s, err := open(ctx, l.o)
	if err != nil && ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	l.o.OnConnection(err)
	if err != nil {
		l.failed(err)
		return nil, err
	}
	l.current = s
	return s, nil
}

func (l *line) failed(err error) {
	l.failures++
	l.failure = err
	l.next = time.Now().Add(l.o.Reconnect(l.failures))
}

// close hangs up for good.
func (l *line) close() {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	l.closed = true
	if l.current != nil {
		l.current.fail(errHungUp)
		l.current.wait()
		l.current = nil
	}
}
