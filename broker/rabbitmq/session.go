package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/cairndb/cairn/broker"
)

var (
	errRefused    = errors.New("the broker did not take it")
	errUnroutable = errors.New("no queue is bound for it")
	errGone       = errors.New("the connection is lost")
)

// hangUp is how long a broker has to take leave.
const hangUp = time.Second

// A session is one connection of a publisher, with a channel in confirm mode.
type session struct {
	conn   *amqp.Connection
	ch     *amqp.Channel
	proven atomic.Bool // something was confirmed

	mu       sync.Mutex
	returns  chan amqp.Return
	returned map[routed]int
	blocked  string

	over     context.Context // ends with why the connection is lost
	end      context.CancelCauseFunc
	watching sync.WaitGroup
}

// A routed message is what the broker tells of one that comes back.
type routed struct{ topic, id string }

// open connects.
func open(ctx context.Context, o *PublisherOptions) (*session, error) {
	conn, ch, err := o.Connection.open(ctx)
	if err != nil {
		return nil, err
	}
	if err := ch.Confirm(false); err != nil {
		conn.Close()
		return nil, err
	}
	s := &session{conn: conn, ch: ch, returned: map[routed]int{}}
	s.over, s.end = context.WithCancelCause(context.Background())
	// As many as may be under way: the client must never wait for us to look.
	s.returns = ch.NotifyReturn(make(chan amqp.Return, o.InFlight))
	closed := ch.NotifyClose(make(chan *amqp.Error, 1))
	blocked := conn.NotifyBlocked(make(chan amqp.Blocking, 1))
	s.watching.Go(func() { s.watch(closed, blocked, o.OnConnection) })
	return s, nil
}

// watch waits for the end of the connection, or for somebody to end it.
func (s *session) watch(closed <-chan *amqp.Error, blocked <-chan amqp.Blocking, tell func(error)) {
	for s.over.Err() == nil {
		select {
		case b, ok := <-blocked:
			if !ok {
				blocked = nil
			}
			s.setBlocked(b)
		case err := <-closed:
			s.end(cause(err))
		case <-s.over.Done():
		}
	}
	_ = s.conn.CloseDeadline(time.Now().Add(hangUp))
	if err := s.lost(); !errors.Is(err, errHungUp) {
		tell(err)
	}
}

// cause is why a connection was closed. In Go an *amqp.Error that is nil would
// still be an error.
func cause(err *amqp.Error) error {
	if err == nil {
		return errGone
	}
	return fmt.Errorf("%w: %w", errGone, err)
}

func (s *session) setBlocked(b amqp.Blocking) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocked = ""
	if b.Active {
		s.blocked = b.Reason
	}
}

// refusal is why nothing must be published for now: the broker is short of
// memory or disk and would let us wait.
func (s *session) refusal() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.blocked == "" {
		return nil
	}
	return fmt.Errorf("the broker blocks publishers: %s", s.blocked)
}

// lost is why the connection is lost, or nil.
func (s *session) lost() error { return context.Cause(s.over) }

// fail ends the connection.
func (s *session) fail(err error) { s.end(err) }

// wait returns when nothing is left of a connection that is lost.
func (s *session) wait() { s.watching.Wait() }

// publish sends a message.
func (s *session) publish(exchange, topic string, p amqp.Publishing) (*amqp.DeferredConfirmation, error) {
	s.collect()
	answer, err := s.ch.PublishWithDeferredConfirm(exchange, topic, true, false, p)
	if err == nil {
		return answer, nil
	}
	if !s.ch.IsClosed() { // otherwise the watcher learns why
		s.end(fmt.Errorf("%w: %w", errGone, err))
	}
	<-s.over.Done()
	return nil, s.lost()
}

// outcome says what has become of a message, whose answer is there.
func (s *session) outcome(answer *amqp.DeferredConfirmation, m *broker.Message, out *amqp.Publishing) error {
	switch {
	case answer.Acked():
		s.proven.Store(true)
		if s.cameBack(routed{m.Topic, out.MessageId}) {
			return fail(m, broker.ErrRejected, errUnroutable, "bind a queue to the exchange for this routing key")
		}
		return nil
	case !s.ch.IsClosed():
		s.proven.Store(true)
		return fail(m, broker.ErrUnavailable, errRefused, "its queue is full, or the broker has failed; see the log of the broker")
	}
	<-s.over.Done()
	err := s.lost()
	if aboutThis(err, m.Topic, len(out.Body)) {
		return fail(m, broker.ErrRejected, err, hint(err))
	}
	return fail(m, broker.ErrUnavailable, err, hint(err))
}

// cameBack tells whether a message that was confirmed has come back before, which
// is how the broker says that it has put it nowhere.
func (s *session) cameBack(r routed) bool {
	s.collect()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.returned[r] == 0 {
		return false
	}
	if s.returned[r]--; s.returned[r] == 0 {
		delete(s.returned, r)
	}
	return true
}

// collect takes in what has come back.
func (s *session) collect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		select {
		case r, ok := <-s.returns:
			if !ok {
				s.returns = nil // a nil channel is never ready
				return
			}
			s.returned[routed{r.RoutingKey, r.MessageId}]++
		default:
			return
		}
	}
}
