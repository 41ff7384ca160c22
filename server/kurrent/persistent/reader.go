package persistent

import (
	"context"
	"errors"
)

// defaultHeld is how many bytes a subscription holds at most. What its settings
// allow is a number of events, which may be large.
const defaultHeld = 64 << 20

// A reading is the state of the reader, which follows the source while there are
// consumers.
type reading struct {
	stop func()        // ends it; nil if there is none
	over chan struct{} // closed when the last one has ended; nil if there was none
	room chan struct{} // has room for one: there may be room
	full bool          // the reader waits until there is room for a batch
}

// read starts the reader unless it is there.
func (s *Subscription) read() {
	r := &s.reading
	if r.stop != nil {
		return
	}
	ctx, cancel := context.WithCancel(s.life)
	before, over := r.over, make(chan struct{})
	r.over, r.full = over, false
	r.stop = func() {
		cancel()
		r.stop = nil
	}
	s.work.Go(func() {
		defer close(over)
		defer cancel()
		if before != nil {
			<-before
		}
		s.follow(ctx)
	})
}

// follow reads until nobody wants it any more. If it cannot, the consumers are
// told, and whoever comes back has it tried again.
func (s *Subscription) follow(ctx context.Context) {
	s.mu.Lock()
	behind := s.seen
	s.mu.Unlock()
	err := s.readBehind(ctx, behind)
	if err == nil || ctx.Err() != nil {
		return
	}
	s.log.Error("a persistent subscription cannot be read", "subscription", s.Key.String(), "error", err)
	s.dropAll(err)
}

func (s *Subscription) readBehind(ctx context.Context, behind Place) error {
	passed := func(p Place) { s.passed(ctx, p, false) }
	live := func() { s.passed(ctx, none, true) }
	for e, err := range s.source.Follow(ctx, behind, passed, live) {
		if err != nil {
			return err
		}
		if err := s.offer(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// offer takes what was read, when there is room.
func (s *Subscription) offer(ctx context.Context, e Entry) error {
	for {
		if taken, err := s.accept(ctx, e); taken || err != nil {
			return err
		}
		select {
		case <-s.reading.room:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// accept takes it if there is room. A reader that was told to end is too late.
func (s *Subscription) accept(ctx context.Context, e Entry) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if !s.hasRoom() {
		return false, nil
	}
	m := &message{}
	s.hold(m, e)
	s.seen, s.known = e.Place, e.Place
	s.main.add(m)
	s.fresh.push(m)
	s.deliver()
	return true, nil
}

// hasRoom reports whether another event may be read. Once there is no room there
// has to be some for a whole batch. Nothing new is read before what failed is at
// hand, which is delivered first.
func (s *Subscription) hasRoom() bool {
	most, batch := s.HistoryBufferSize, s.ReadBatchSize
	if s.live {
		most = max(s.LiveBufferSize, 1)
	}
	if s.reading.full {
		s.reading.full = s.fresh.Len() > most-min(max(batch, 1), most)
	} else {
		s.reading.full = s.fresh.Len() >= most
		s.live = s.live && !s.reading.full
	}
	return !s.reading.full && s.unloaded == 0 && s.held < s.most
}

// letRead wakes the reader if there is room.
func (s *Subscription) letRead() {
	if s.reading.stop == nil || !s.hasRoom() {
		return
	}
	select {
	case s.reading.room <- struct{}{}:
	default:
	}
}

// passed notes that there is nothing up to a place but what was read, or nothing
// at all for now.
func (s *Subscription) passed(ctx context.Context, p Place, live bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	s.seen = max(s.seen, p)
	s.live = live
	s.call()
}

// dropAll takes all consumers out.
func (s *Subscription) dropAll(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.consumers) > 0 {
		s.remove(s.consumers[0], why, false)
	}
	s.deliver()
}

// halt stops the subscription for good, tells the consumers why, and writes down
// what is settled.
func (s *Subscription) halt(ctx context.Context, why error) {
	s.mu.Lock()
	s.stopped = why
	s.end(errHalted) // nothing begins any more, as that takes the lock
	s.mu.Unlock()
	s.dropAll(why)
	s.work.Wait()
	s.finish(ctx)
}

var errHalted = errors.New("persistent: the subscription has stopped")
