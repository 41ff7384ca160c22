package webhook

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// add queues what a request carries. It returns nil when nobody is subscribed.
func (s *Subscriber) add(id string, all []*lane.Arrival) (outcomes []<-chan error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.current == nil {
		return nil
	}
	left := new(atomic.Int64)
	left.Store(int64(len(all)))
	for _, a := range all {
		outcome := make(chan error, 1)
		outcomes = append(outcomes, outcome)
		s.current.lanes.Add(s.task(s.current, id, a, func(err error) {
			if err == nil && left.Add(-1) == 0 {
				s.seen.add(id, time.Now())
			}
			outcome <- err
		}))
	}
	return outcomes
}

// task handles one message of a request.
func (s *Subscriber) task(sub *subscription, id string, a *lane.Arrival, done func(error)) lane.Task {
	key := a.Letter.Key
	if key == "" {
		key = "\x00" + id // a message and its repetition are never handled at the same time
	}
	return lane.Task{
		Key: key,
		Try: func(attempt int) error {
			if s.seen.has(id, time.Now()) {
				return nil
			}
			return a.Handle(sub.ctx, attempt, sub.handle, s.o.Sink)
		},
		Settle: func(err error) bool {
			if err != nil && sub.ctx.Err() != nil && !errors.Is(err, broker.ErrRejected) {
				err = errEnding
			}
			done(err)
			return true
		},
	}
}

// wait returns when all is settled, with the first error, or when the sender
// waits no more.
func wait(r *http.Request, outcomes []<-chan error) (first error) {
	for _, outcome := range outcomes {
		select {
		case err := <-outcome:
			if first == nil {
				first = err
			}
		case <-r.Context().Done():
			return context.Cause(r.Context())
		}
	}
	return first
}
