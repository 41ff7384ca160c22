package persistent

import "slices"

// A strategy chooses the consumer for an event.
type strategy interface {
	join(c *Consumer)
	leave(c *Consumer)

	// choose is the consumer to give a message to; nil if none has room that it
	// may go to. Another message may have better luck then if picky.
	choose(m *message) (c *Consumer, picky bool)

	// begin and end tell of a message that a consumer has.
	begin(m *message, c *Consumer)
	end(m *message, c *Consumer)
}

func newStrategy(name string) strategy {
	switch name {
	case Pinned:
		return newPinned((*Entry).origin)
	case PinnedByCorrelation:
		return newPinned((*Entry).correlation)
	case DispatchToSingle:
		return &inTurn{stay: true}
	}
	return &inTurn{}
}

// inTurn gives each event to the next consumer with room or, to stay, to the
// first one with room, and so to one as long as that keeps up.
type inTurn struct {
	consumers []*Consumer
	next      int
	stay      bool
}

func (s *inTurn) join(c *Consumer) { s.consumers = append(s.consumers, c) }

func (s *inTurn) leave(c *Consumer) {
	i := slices.Index(s.consumers, c)
	s.consumers = slices.Delete(s.consumers, i, i+1)
	if s.next > i {
		s.next--
	}
}

func (s *inTurn) choose(*message) (*Consumer, bool) {
	if s.stay {
		s.next = 0
	}
	for range s.consumers {
		s.next %= len(s.consumers)
		c := s.consumers[s.next]
		s.next++
		if c.room() > 0 {
			return c, false
		}
	}
	return nil, false
}

func (s *inTurn) begin(*message, *Consumer) {}
func (s *inTurn) end(*message, *Consumer)   {}
