package nats

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/internal/lane"
)

// A session is the time of a subscription in which it has its consumer.
type session struct {
	o        *SubscriberOptions
	conn     *client.Conn
	js       jetstream.JetStream
	handle   func(context.Context, broker.Delivery) error
	lanes    *lane.Lanes
	received bool
	pin      string // what the server calls us, if we are the one of an exclusive consumer

	mu   sync.Mutex
	held map[uint64]*held // received and not settled, by the sequence in the stream
	gate gate
}

// A held message is ours until it is settled. Word of it is given to the server
// from time to time, which would deliver it again otherwise.
type held struct {
	msg   jetstream.Msg // the last one, if it came again meanwhile
	since time.Time
	task  lane.Task
}

// run receives until ctx ends or something fails, and then gives back what it
// has not settled.
func (x *session) run(ctx context.Context) error {
	c, err := x.consumer(ctx)
	if err != nil {
		return err
	}
	messages, err := c.Messages(x.o.pulls()...)
	if err != nil {
		return fmt.Errorf("nats: receiving: %w", err)
	}
	x.gate = gate{changed: make(chan struct{}, 1)}
	x.shut()
	handling, stopHandling := context.WithCancel(ctx)
	defer stopHandling()
	x.lanes = lane.New(handling, lane.Options{Workers: x.o.Workers, Backoff: x.o.Backoff})
	stopWord := beside(context.WithoutCancel(ctx), x.giveWord)
	stopTending := beside(ctx, func(ctx context.Context) { x.tend(ctx, c) })
	err = x.receive(handling, c, messages)
	stopHandling()
	stopTending()
	x.lanes.Wait()
	stopWord()
	x.giveBack(messages)
	if x.pin != "" {
		x.unpin(c)
	}
	return err
}

// beside runs f until the function that it returns is called, which waits for it.
func beside(ctx context.Context, f func(context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); f(ctx) }()
	return func() { cancel(); <-done }
}

// receive puts what arrives into lanes. When nothing has been heard for a while
// it asks whether the consumer is still there; the client asks for messages anew.
func (x *session) receive(ctx context.Context, c jetstream.Consumer, messages jetstream.MessagesContext) error {
	for {
		m, err := messages.Next(jetstream.NextContext(ctx))
		if errors.Is(err, jetstream.ErrNoHeartbeat) {
			if _, err = c.Info(ctx); !errors.Is(err, jetstream.ErrConsumerNotFound) && !errors.Is(err, jetstream.ErrStreamNotFound) {
				continue
			}
		}
		if err != nil {
			return fmt.Errorf("nats: receiving: %w", err)
		}
		x.hold(ctx, m)
	}
}

// hold enters a message and has it handled, unless it is held already, or has to
// wait for others.
func (x *session) hold(ctx context.Context, m jetstream.Msg) {
	meta, err := m.Metadata()
	if err != nil {
		return // not from a consumer, so nobody waits for an answer
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.received = true
	if x.o.Exclusive {
		x.pin = m.Headers().Get("Nats-Pin-Id")
	}
	seq := meta.Sequence.Stream
	if h := x.held[seq]; h != nil {
		h.msg = m
		return
	}
	h := &held{msg: m, since: time.Now()}
	h.task = x.task(ctx, seq, h, int(min(meta.NumDelivered, 1<<30))-1)
	x.held[seq] = h
	if !x.keeps(seq, meta.NumDelivered > 1) && ctx.Err() == nil {
		x.lanes.Add(h.task)
	}
}
