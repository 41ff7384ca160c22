package mqtt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/eclipse/paho.golang/autopaho"
	"github.com/eclipse/paho.golang/paho"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// A receiver is one call of Subscribe.
type receiver struct {
	o          *SubscriberOptions
	connection Connection
	link       *link
	handle     func(context.Context, broker.Delivery) error
	failed     chan error // has room for one
	asking     sync.WaitGroup

	mu    sync.RWMutex // held while tasks are added, and for writing to end that
	ended bool
	ctx   context.Context // of what came over one connection
	stop  context.CancelCauseFunc
	lanes *lane.Lanes
}

// renew begins with a new connection. What came over the last one comes again
// over this, so that none of its handlers may be left.
func (r *receiver) renew() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ctx, r.stop = context.WithCancelCause(context.Background())
	r.lanes = lane.New(r.ctx, lane.Options{Workers: r.o.Workers, Backoff: r.o.Backoff})
}

// finish ends what came over a connection that is lost.
func (r *receiver) finish() {
	r.settleAll(errLost)
	r.renew()
}

// settleAll has the handlers end.
func (r *receiver) settleAll(why error) {
	r.mu.RLock()
	lanes, stop := r.lanes, r.stop
	r.mu.RUnlock()
	stop(why)
	lanes.Wait()
}

// observe passes on what is to be told, and gives up over what is final.
func (r *receiver) observe(err error) {
	r.o.OnConnection(err)
	if _, reason := reasonOf(err); reason.final {
		r.giveUp(err)
	}
}

func (r *receiver) giveUp(err error) {
	h := hint(err)
	if errors.Is(err, errQoS) {
		h = "have the broker allow QoS 1"
	}
	select {
	case r.failed <- &SubscribeError{Filters: r.o.Filters, Err: err, Hint: h}:
	default: // it has failed already
	}
}

// begin subscribes over a new connection. The session knows the subscription,
// unless it has expired.
func (r *receiver) begin(m *autopaho.ConnectionManager) {
	r.asking.Go(func() {
		answer, err := m.Subscribe(r.lifetime(), r.o.subscription())
		if answer != nil {
			err = granted(answer.Reasons)
		}
		if answer != nil && err != nil { // without an answer the connection is lost, and the next one asks
			r.giveUp(err)
		}
	})
}

func (r *receiver) lifetime() context.Context {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.ctx
}

// wait returns why the subscription is to end.
func (r *receiver) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case err := <-r.failed:
		return err
	}
}

// hangUp ends the handlers, and the connection when it has told the broker what
// they have handled.
func (r *receiver) hangUp(m *autopaho.ConnectionManager) {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
	r.settleAll(context.Canceled)
	timer := time.NewTimer(3 * ackEvery)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-m.Done():
	}
	_ = m.Disconnect(context.Background()) // it returns when the client's goroutines have
	r.asking.Wait()
}

// receive is called by the client for each message, in the order they come.
func (r *receiver) receive(p paho.PublishReceived) (bool, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if r.ended {
		return true, nil // not acknowledged, so it comes again
	}
	a, ctx := decode(p.Packet), r.ctx
	var last error
	r.lanes.Add(lane.Task{
		Key: a.Letter.Key,
		Try: func(attempt int) error {
			err := r.try(ctx, a, attempt, last)
			if attempt <= r.o.Attempts {
				last = err
			}
			return err
		},
		Settle: func(err error) bool { return r.settle(p, err) },
	})
	return true, nil
}

// try handles a message, or, when its attempts are spent, makes it a dead letter
// that says how the last one failed.
func (r *receiver) try(ctx context.Context, a *lane.Arrival, attempt int, last error) error {
	if r.o.Attempts == 0 || attempt <= r.o.Attempts {
		return a.Handle(ctx, attempt, r.handle, r.o.Sink)
	}
	l := a.Letter
	l.Err = fmt.Errorf("%w: the last of %d attempts: %w", broker.ErrRejected, r.o.Attempts, last)
	if err := r.o.Sink(ctx, l); err != nil {
		return fmt.Errorf("the sink did not take the letter: %v", err) // not wrapped: it has not rejected it
	}
	return nil
}

// settle acknowledges what is done with. What is not comes again over the next
// connection.
func (r *receiver) settle(p paho.PublishReceived, err error) bool {
	if err != nil {
		return false
	}
	_ = p.Client.Ack(p.Packet) // fails only if the connection is lost, and then it comes again
	return true
}
