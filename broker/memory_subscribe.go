package broker

import (
	"context"
	"errors"
	"sync"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"
)

// MemorySubscription says how to subscribe to a [Memory].
type MemorySubscription struct {
	// Name is the subscription's. Subscribers of one name share its messages,
	// and go on where others of that name have ended.
	Name string

	// Workers is how many messages, of different keys, are handled at the same
	// time. Zero means 1.
	Workers int

	// Backoff is how long a message that failed waits, and its worker with it.
	// Zero means 1 ms.
	Backoff time.Duration

	// Sink takes dead letters. Nil means [Memory.Letters].
	Sink Sink
}

// Subscriber returns a subscriber to a topic.
func (m *Memory) Subscriber(topic string, s MemorySubscription) Subscriber {
	s.Workers = max(s.Workers, 1)
	if s.Backoff <= 0 {
		s.Backoff = time.Millisecond
	}
	if s.Sink == nil {
		s.Sink = m.keepLetter
	}
	return &memorySubscriber{memory: m, topic: topic, o: s}
}

func (m *Memory) keepLetter(_ context.Context, l Letter) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.letters = append(m.letters, l)
	return nil
}

type memorySubscriber struct {
	memory *Memory
	topic  string
	o      MemorySubscription
}

// A memorySubscription is what subscribers of one name share. The broker's lock
// guards it.
type memorySubscription struct {
	lanes map[string]*memoryLane
	ready []*memoryLane
	work  *sync.Cond
	epoch int // changes when what is being handled can no longer be acknowledged
}

// A memoryLane holds the messages of one key. It is ready, or being worked on.
type memoryLane struct {
	key     string
	queue   []memoryEntry
	attempt int
}

func (s *memorySubscription) enqueue(e memoryEntry) {
	key := e.message.Key
	l := s.lanes[key]
	if l == nil {
		l = &memoryLane{key: key}
		s.lanes[key] = l
		s.ready = append(s.ready, l)
		s.work.Signal()
	}
	l.queue = append(l.queue, e)
}

// subscription finds or makes the one of this subscriber's name.
func (s *memorySubscriber) subscription() *memorySubscription {
	m := s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.topic(s.topic)
	sub := t.subscriptions[s.o.Name]
	if sub == nil {
		sub = &memorySubscription{lanes: map[string]*memoryLane{}, work: sync.NewCond(&m.mu)}
		t.subscriptions[s.o.Name] = sub
		for _, e := range t.entries {
			sub.enqueue(e)
		}
	}
	return sub
}

// Subscribe implements [Subscriber].
func (s *memorySubscriber) Subscribe(ctx context.Context, handle func(context.Context, Delivery) error) error {
	sub := s.subscription()
	defer context.AfterFunc(ctx, func() {
		s.memory.mu.Lock()
		defer s.memory.mu.Unlock()
		sub.work.Broadcast()
	})()
	var workers sync.WaitGroup
	for range s.o.Workers {
		workers.Go(func() {
			for l, epoch := s.take(ctx, sub); l != nil; l, epoch = s.take(ctx, sub) {
				err := s.attempt(ctx, l, handle)
				s.settle(ctx, sub, l, epoch, err)
			}
		})
	}
	workers.Wait()
	return context.Cause(ctx)
}

// take waits for a lane. It returns nil when ctx has ended.
func (s *memorySubscriber) take(ctx context.Context, sub *memorySubscription) (*memoryLane, int) {
	m := s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	for ctx.Err() == nil {
		if m.line == lineUp && len(sub.ready) > 0 {
			l := sub.ready[0]
			sub.ready = sub.ready[1:]
			l.attempt++
			return l, sub.epoch
		}
		sub.work.Wait()
	}
	return nil, 0
}

// attempt handles the first message of a lane, which is this worker's.
func (s *memorySubscriber) attempt(ctx context.Context, l *memoryLane, handle func(context.Context, Delivery) error) error {
	s.memory.mu.Lock()
	e := l.queue[0]
	s.memory.mu.Unlock()
	if e.letter != nil {
		return s.o.Sink(ctx, *e.letter)
	}
	message := e.message
	message.Event = message.Event.Clone()
	err := Attempt(ctx, Delivery{Message: message, Attempt: l.attempt}, handle)
	if errors.Is(err, ErrRejected) {
		return s.o.Sink(ctx, letterOf(&e.message, err))
	}
	return err
}

func letterOf(m *Message, err error) Letter {
	body, _ := m.Event.MarshalJSON() // it was valid when it was published
	return Letter{
		Topic: m.Topic, Key: m.Key, Body: body, Err: err,
		Header: map[string]string{"content-type": cloudevents.ApplicationCloudEventsJSON},
	}
}

// settle acknowledges the first message of a lane, or has it handled again.
func (s *memorySubscriber) settle(ctx context.Context, sub *memorySubscription, l *memoryLane, epoch int, err error) {
	if err != nil {
		rest(ctx, s.o.Backoff)
	}
	m := s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil && sub.epoch == epoch {
		l.queue, l.attempt = l.queue[1:], 0
	}
	if len(l.queue) == 0 {
		delete(sub.lanes, l.key)
		return
	}
	sub.ready = append(sub.ready, l)
	sub.work.Signal()
}

// rest waits, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
