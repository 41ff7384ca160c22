package persistent

import (
	"context"
	"slices"
	"time"

	"github.com/cairndb/cairn"
)

// A Client says who a consumer is, for those who look.
type Client struct {
	From       string // address
	User       string
	Connection string // name
	Buffer     int    // how many events it takes at a time; at least 1
}

// A Consumer is one of those who share a subscription. Its methods may be called
// concurrently.
type Consumer struct {
	Client
	of *Subscription

	ready chan struct{} // has room for one: there may be something to take

	// What follows is guarded by the subscription.
	err    error      // why it was dropped
	queue  []*message // assigned and not taken
	flight map[cairn.ID][]*message
	has    int // messages assigned
	rate   rate
	times  *latencies // nil unless they are asked for
}

// A Delivery is an event that a consumer has to answer for.
type Delivery struct {
	Entry
	Retries int // how often it was delivered in vain before
}

// room is how many more messages the consumer takes.
func (c *Consumer) room() int { return c.Buffer - c.has }

// Next waits for the next event. It ends with the context, and with an error that
// says why if the consumer is dropped.
func (c *Consumer) Next(ctx context.Context) (Delivery, error) {
	for {
		if d, ok, err := c.take(); ok || err != nil {
			return d, err
		}
		select {
		case <-c.ready:
		case <-ctx.Done():
			return Delivery{}, context.Cause(ctx)
		}
	}
}

func (c *Consumer) take() (d Delivery, ok bool, err error) {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	if c.err != nil {
		return d, false, c.err
	}
	if len(c.queue) == 0 {
		return d, false, nil
	}
	m := c.queue[0]
	c.queue[0], c.queue = nil, c.queue[1:]
	m.given = true
	return Delivery{m.Entry, m.retries}, true, nil
}

// assign gives the consumer a message.
func (c *Consumer) assign(m *message, now time.Time) {
	m.holder, m.since, m.given = c, now, false
	c.has++
	c.flight[m.ID] = append(c.flight[m.ID], m)
	c.queue = append(c.queue, m)
	c.wake()
}

// release takes a message from the consumer.
func (c *Consumer) release(m *message) {
	if !m.given {
		c.untake(m)
	}
	same := c.flight[m.ID]
	for i, o := range same {
		if o == m {
			same = append(same[:i:i], same[i+1:]...)
			break
		}
	}
	if c.flight[m.ID] = same; len(same) == 0 {
		delete(c.flight, m.ID)
	}
	m.holder = nil
	c.has--
}

// untake takes from the consumer what it has not taken: the first of all, if that
// has been there for too long.
func (c *Consumer) untake(m *message) {
	if i := slices.Index(c.queue, m); i == 0 {
		c.queue = c.queue[1:]
	} else if i > 0 {
		c.queue = slices.Delete(c.queue, i, i+1)
	}
}

// find is what the consumer has of an ID. The same event may be there more than
// once, and then it is answered for in turn.
func (c *Consumer) find(id cairn.ID) *message {
	for _, m := range c.flight[id] {
		if m.given {
			return m
		}
	}
	return nil
}

func (c *Consumer) wake() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// Close gives back what the consumer has not answered for. It does so once.
func (c *Consumer) Close() { c.of.leave(c, ErrClosed) }
