package mqtt

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"
)

// lasting is how long a connection must hold to count as good. Two clients with
// one ID end each other's connections as fast as they are made, and some brokers
// do not say that this is why.
const lasting = 10 * time.Second

var errLost = errors.New("the connection is lost")

// A link is a connection that comes and goes, and why. The client makes it again
// and again in a goroutine of its own, and calls the methods that say so.
type link struct {
	o       *Connection
	manager *autopaho.ConnectionManager
	onUp    func(*autopaho.ConnectionManager)
	onDown  func()

	remarks chan error // why the connection is about to be lost

	mu       sync.Mutex
	state    state
	changed  chan struct{} // closed when state does
	since    time.Time     // when it was connected last
	failures int           // in a row, to connect or to last
}

// A state is one stretch of a link.
type state struct {
	life      context.Context // of the connection; it ends with why it was lost
	end       context.CancelCauseFunc
	is        bool   // connected
	err       error  // why not; nil before the first attempt has ended
	maxPacket uint32 // that the broker takes; 0 if it does not say
}

func newLink(o *Connection) *link {
	return &link{
		o: o, changed: make(chan struct{}), remarks: make(chan error, 4),
		onUp: func(*autopaho.ConnectionManager) {}, onDown: func() {},
	}
}

func (l *link) set(s state) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state = s
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *link) up(m *autopaho.ConnectionManager, ack *paho.Connack) {
	s := state{is: true}
	s.life, s.end = context.WithCancelCause(context.Background())
	if ack.Properties != nil && ack.Properties.MaximumPacketSize != nil {
		s.maxPacket = *ack.Properties.MaximumPacketSize
	}
	l.mu.Lock()
	l.since = time.Now()
	l.mu.Unlock()
	l.set(s)
	l.o.OnConnection(nil)
	l.onUp(m)
}

func (l *link) down() bool {
	l.mu.Lock()
	if time.Since(l.since) >= lasting {
		l.failures = 0
	}
	l.failures++
	l.mu.Unlock()
	err := l.remarked()
	l.onDown()
	lost, _ := l.now()
	l.set(state{err: err})
	lost.end(err)
	l.o.OnConnection(err)
	return true
}

func (l *link) failed(err error) {
	l.mu.Lock()
	l.failures++
	l.mu.Unlock()
	err = refusal(err)
	l.set(state{err: err})
	l.o.OnConnection(err)
}

// remark keeps why a connection is about to be lost.
func (l *link) remark(err error) {
	select {
	case l.remarks <- err:
	default: // enough is known
	}
}

// remarked is why a connection was lost. The client tells it in a goroutine of
// its own, at about the same time; what the broker itself says counts more than
// what else was seen.
func (l *link) remarked() (why error) {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case why = <-l.remarks:
	case <-timer.C:
		return errLost
	}
	for {
		select {
		case err := <-l.remarks:
			if _, said := errors.AsType[*ReasonError](err); said {
				why = err
			}
		default:
			return why
		}
	}
}

// pause is how long to wait before connecting.
func (l *link) pause() time.Duration {
	l.mu.Lock()
	failures := l.failures
	l.mu.Unlock()
	if failures == 0 {
		return 0
	}
	return l.o.Reconnect(failures)
}

// end says that nobody is to wait for a connection any more.
func (l *link) end(err error) { l.set(state{err: err}) }

func (l *link) now() (state, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state, l.changed
}

// connected waits for the first attempt to connect to end. After that it does
// not wait: it says whether there is a connection.
func (l *link) connected(ctx context.Context) (state, error) {
	for {
		s, changed := l.now()
		if s.is || s.err != nil {
			return s, s.err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return s, context.Cause(ctx)
		}
	}
}

// why waits, a little, until it is known why a connection was lost that is about
// to be.
func (s *state) why(ctx context.Context) error {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-s.life.Done():
		return context.Cause(s.life)
	case <-timer.C:
		return errLost
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
