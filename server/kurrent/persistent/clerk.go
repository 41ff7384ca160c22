package persistent

import (
	"context"
	"time"
)

// pause is how long to wait after the store refused something.
const pause = time.Second

// A clerk does what takes the store and what takes time, one thing after the
// other: it writes down what is parked and how far the subscription has come, it
// reads what is to be delivered again, and it knows when a consumer has taken too
// long. It is there as long as there is something to do or to wait for.
type clerk struct {
	there  bool
	wakes  time.Time     // while it waits: until when
	called chan struct{} // has room for one: there is something to do before that
	rests  time.Time     // until then, after a failure
}

// call has the clerk look what there is to do.
func (s *Subscription) call() {
	at, ok := s.next(time.Now())
	switch c := &s.clerk; {
	case s.life.Err() != nil, !ok && len(s.consumers) > 0:
	case ok && !c.there:
		c.there = true
		s.work.Go(s.keep)
	case at.Before(c.wakes): // also if there is nothing to wait for any more
		select {
		case c.called <- struct{}{}:
		default:
		}
	}
}

func (s *Subscription) keep() {
	for s.life.Err() == nil {
		s.mu.Lock()
		s.expire(time.Now())
		s.mu.Unlock()
		if s.act(s.life, time.Now()) {
			continue
		}
		if !s.wait() {
			return
		}
	}
}

// act does one thing, if there is any to do with the store.
func (s *Subscription) act(ctx context.Context, now time.Time) bool {
	s.mu.Lock()
	do := s.task(now)
	s.mu.Unlock()
	if do == nil {
		return false
	}
	if err := do(ctx); err != nil && ctx.Err() == nil {
		s.log.Warn("a persistent subscription is held up", "subscription", s.Key.String(), "error", err)
		s.mu.Lock()
		s.clerk.rests = time.Now().Add(pause)
		s.mu.Unlock()
	}
	return true
}

// task is the next thing to do with the store; nil if there is none.
func (s *Subscription) task(now time.Time) func(context.Context) error {
	switch {
	case now.Before(s.clerk.rests):
	case len(s.parking) > 0:
		return s.writeParked
	case s.mayLoad():
		return s.loadNext
	case s.mayReplay():
		return s.readParked
	case s.dueCheckpoint(now):
		return s.writeCheckpoint
	case s.replay.mayCut():
		return s.cutReplayed
	}
	return nil
}

// next is when the clerk has to look again; ok reports whether it has to at all
// without being called.
func (s *Subscription) next(now time.Time) (at time.Time, ok bool) {
	soon := func(t time.Time) {
		if !ok || t.Before(at) {
			at, ok = t, true
		}
	}
	if e := s.timeouts.Front(); e != nil {
		soon(e.Value.(*message).since.Add(s.MessageTimeout))
	}
	if now.Before(s.clerk.rests) {
		soon(s.clerk.rests)
		return at, ok
	}
	if s.task(now) != nil {
		soon(now)
	}
	if t, due := s.nextCheckpoint(); due {
		soon(t)
	}
	return at, ok
}

// wait waits until there is something to do. If there is nothing to wait for the
// clerk goes.
func (s *Subscription) wait() bool {
	s.mu.Lock()
	now := time.Now()
	at, ok := s.next(now)
	s.clerk.there, s.clerk.wakes = ok, at
	s.mu.Unlock()
	if !ok {
		return false
	}
	defer s.awake()
	t := time.NewTimer(at.Sub(now))
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.clerk.called:
	case <-s.life.Done():
	}
	return true
}

// awake notes that the clerk looks by itself now.
func (s *Subscription) awake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clerk.wakes = time.Time{}
}
