package broker

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
)

// Publisher opens a publisher to any topic.
func (m *Memory) Publisher() Publisher { return &memoryPublisher{memory: m} }

type memoryPublisher struct {
	memory *Memory
	closed atomic.Bool
	mu     sync.RWMutex // held by who publishes, and in full by who closes
}

// Publish implements [Publisher].
func (p *memoryPublisher) Publish(ctx context.Context, message Message) error {
	if p.closed.Load() {
		return ErrClosed
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed.Load() {
		return ErrClosed
	}
	if err, kind := p.memory.publish(ctx, message); err != nil {
		return &PublishError{Broker: "memory", Topic: message.Topic, ID: message.Event.ID(), Kind: kind, Err: err}
	}
	return nil
}

// Close implements [Publisher].
func (p *memoryPublisher) Close(ctx context.Context) error {
	p.closed.Store(true)
	done := make(chan struct{})
	go func() { // ends with the last call of Publish, which its caller owns
		p.mu.Lock()
		defer p.mu.Unlock()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// publish puts a message on its topic. The second result is the kind of the
// first.
func (m *Memory) publish(ctx context.Context, message Message) (err, kind error) {
	if err := m.fits(&message); err != nil {
		return err, ErrRejected
	}
	message.Event = message.Event.Clone()
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.await(ctx); err != nil {
		return err, ErrUnavailable
	}
	if m.o.Capacity > 0 && m.kept >= m.o.Capacity {
		return errFull, ErrUnavailable
	}
	m.put(message.Topic, memoryEntry{message: message})
	return nil, nil
}

func (m *Memory) fits(message *Message) error {
	switch n := len(message.Event.Data()); {
	case message.Topic == "":
		return errNoTopic
	case m.o.MaxSize > 0 && n > m.o.MaxSize:
		return fmt.Errorf("its data has %d bytes, and at most %d are taken", n, m.o.MaxSize)
	}
	return message.Event.Validate()
}

// await waits while the line is stalled. It lets go of the lock meanwhile.
func (m *Memory) await(ctx context.Context) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	for m.line == lineStalled {
		gate := m.gate
		m.mu.Unlock()
		select {
		case <-gate:
		case <-ctx.Done():
		}
		m.mu.Lock()
		if err := context.Cause(ctx); err != nil {
			return err
		}
	}
	if m.line == lineCut {
		return errCut
	}
	return nil
}
