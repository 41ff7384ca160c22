package nats

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// settle takes a message for done with and tells the server by say. If that does
// not get there, the message is delivered again.
func (x *session) settle(seq uint64, say func(jetstream.Msg) error) {
	x.mu.Lock()
	h := x.held[seq]
	delete(x.held, seq)
	x.mu.Unlock()
	if h != nil {
		_ = say(h.msg)
	}
}

// giveWord keeps the server from delivering what is held to others.
func (x *session) giveWord(ctx context.Context) {
	every := time.NewTicker(x.o.AckWait / 4)
	defer every.Stop()
	for {
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
		for _, m := range x.heldFor(x.o.AckWait / 4) {
			if x.conn.IsConnected() {
				_ = m.InProgress()
			}
		}
	}
}

// sequences lists what is held, in order.
func (x *session) sequences() []uint64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Sorted(maps.Keys(x.held))
}

// heldFor lists what is held for so long at least.
func (x *session) heldFor(d time.Duration) (all []jetstream.Msg) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, seq := range slices.Sorted(maps.Keys(x.held)) {
		if h := x.held[seq]; time.Since(h.since) >= d {
			all = append(all, h.msg)
		}
	}
	return all
}

// giveBack has the server deliver again what is not settled, in order, because
// it will do so in the order in which it hears of them.
func (x *session) giveBack(messages jetstream.MessagesContext) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	messages.Drain()
	for {
		m, err := messages.Next(jetstream.NextMaxWait(time.Second))
		if err != nil {
			break
		}
		x.hold(ended, m)
	}
	if !x.conn.IsConnected() {
		return
	}
	for _, m := range x.heldFor(0) {
		_ = m.Nak()
	}
	_ = x.conn.FlushTimeout(2 * time.Second)
}
