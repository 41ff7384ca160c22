package persistent

import (
	"context"

	"github.com/cairndb/cairn"
)

// mayLoad reports whether the first of those that wait is not at hand and may be.
func (s *Subscription) mayLoad() bool {
	if s.unloaded == 0 || len(s.consumers) == 0 {
		return false
	}
	return s.held < s.most || s.inFlight() == 0
}

// inFlight is how many messages consumers have.
func (s *Subscription) inFlight() (n int) {
	for _, c := range s.consumers {
		n += c.has
	}
	return n
}

// loadNext reads the first message that is not at hand. What is not there any more
// has settled itself.
func (s *Subscription) loadNext(ctx context.Context) error {
	s.mu.Lock()
	m := s.firstUnloaded()
	s.mu.Unlock()
	e, ok, err := s.find(ctx, m)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.consumers) == 0 { // they have just gone
		return nil
	}
	s.unloaded--
	if !ok {
		s.retries.remove(m)
		s.settle(m)
	} else {
		s.hold(m, e)
	}
	s.deliver()
	return nil
}

// firstUnloaded is the first message that is not at hand.
func (s *Subscription) firstUnloaded() *message {
	for e := s.retries.Front(); e != nil; e = e.Next() {
		if m := e.Value.(*message); !m.loaded {
			return m
		}
	}
	return nil
}

// find reads a message.
func (s *Subscription) find(ctx context.Context, m *message) (Entry, bool, error) {
	if !m.replayed {
		return s.source.At(ctx, m.Place)
	}
	at := cairn.Revision(m.Place)
	for link, err := range s.store.ReadStream(ctx, s.parked(), cairn.ReadOptions{From: at, Before: at + 1}) {
		if err != nil {
			return Entry{}, false, err
		}
		e, err := s.source.Resolve(ctx, link)
		e.Place = m.Place
		return e, err == nil, err
	}
	return Entry{}, false, nil
}
