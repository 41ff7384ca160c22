package persistent

import (
	"fmt"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// An Action says what to do with an event that a consumer could not handle.
type Action uint8

// The actions. The server decides on Unknown as on Retry. Stop settles the event
// as Skip does, and nothing more.
const (
	Unknown Action = iota
	Park
	Retry
	Skip
	Stop
)

// Ack settles events, by the ID of the link if there was one. What the consumer
// has not got, or has no more, is passed over.
func (c *Consumer) Ack(ids ...cairn.ID) {
	c.answer(ids, func(m *message) { c.of.settle(m) })
}

// Nack says that events could not be handled.
func (c *Consumer) Nack(a Action, reason string, ids ...cairn.ID) {
	c.answer(ids, func(m *message) {
		switch s := c.of; a {
		case Park:
			s.park(m, "Client explicitly NAK'ed message.\n"+reason)
		case Skip, Stop:
			s.settle(m)
		default:
			s.again(m)
		}
	})
}

// answer finds what is answered for, and does what is to be done with it.
func (c *Consumer) answer(ids []cairn.ID, do func(*message)) {
	s := c.of
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.err != nil {
		return
	}
	now := time.Now()
	for _, id := range ids {
		m := c.find(id)
		if m == nil {
			continue
		}
		c.rate.total++
		s.rate.total++
		if c.times != nil {
			c.times.add(now.Sub(m.since))
		}
		s.unassign(m)
		do(m)
	}
	s.deliver()
}

// settle is the end of a message.
func (s *Subscription) settle(m *message) {
	s.forget(m)
	if m.replayed {
		s.replay.unsettled.remove(m)
		return
	}
	s.main.remove(m)
	s.checkpoint.settled(time.Now())
}

// forget lets go of what a message holds.
func (s *Subscription) forget(m *message) {
	s.held -= m.held
	m.unload()
}

// again has a message delivered again, or parked if that was done often enough.
func (s *Subscription) again(m *message) {
	if s.failed(m) {
		s.retries.merge([]*message{m})
	}
}

// failed counts a delivery in vain, and reports whether there is to be another.
func (s *Subscription) failed(m *message) bool {
	if m.retries >= s.MaxRetryCount {
		s.park(m, fmt.Sprintf("Reached retry count of %d", s.MaxRetryCount))
		return false
	}
	m.retries++
	return true
}

// expire takes back what consumers have had for too long. What they have not even
// taken did not fail.
func (s *Subscription) expire(now time.Time) {
	var late []*message
	before := s.timeouts.Len()
	for e := s.timeouts.Front(); e != nil; e = s.timeouts.Front() {
		m := e.Value.(*message)
		if now.Before(m.since.Add(s.MessageTimeout)) {
			break
		}
		given := m.given
		s.unassign(m)
		if !given || s.failed(m) {
			late = append(late, m)
		}
	}
	if s.timeouts.Len() < before {
		s.takeBack(late)
		s.deliver()
	}
}

// takeBack has messages wait again.
func (s *Subscription) takeBack(all []*message) {
	slices.SortFunc(all, func(a, b *message) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	s.retries.merge(all)
}

// leave takes a consumer out, and gives what it had to others.
func (s *Subscription) leave(c *Consumer, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(c, why, true)
	s.deliver()
}

// remove does so; a consumer that goes has failed with what it had taken, but not
// if it is the subscription that stops.
func (s *Subscription) remove(c *Consumer, why error, fails bool) {
	i := slices.Index(s.consumers, c)
	if i < 0 {
		return
	}
	s.consumers = slices.Delete(s.consumers, i, i+1)
	s.strategy.leave(c)
	c.err, c.queue = why, nil
	var back []*message
	for _, same := range c.flight {
		for _, m := range slices.Clone(same) {
			given := m.given
			s.unassign(m)
			if !given || !fails || s.failed(m) {
				back = append(back, m)
			}
		}
	}
	s.takeBack(back)
	c.wake()
	if len(s.consumers) == 0 {
		s.rest()
	}
}

// rest lets go of what is held for nobody: what was never delivered is read again
// when somebody comes, and of what was, only the place is kept.
func (s *Subscription) rest() {
	s.reading.stop()
	s.live = false
	for e := s.fresh.Back(); e != nil; e = s.fresh.Back() {
		m := e.Value.(*message)
		s.fresh.remove(m)
		if m.Place < s.highest { // overtaken
			s.retries.merge([]*message{m})
			continue
		}
		s.main.remove(m)
		s.seen = m.Place - 1
		s.forget(m)
	}
	for e := s.retries.Front(); e != nil; e = e.Next() {
		if m := e.Value.(*message); m.loaded {
			s.forget(m)
			s.unloaded++
		}
	}
	s.checkpoint.hurry = true
}
