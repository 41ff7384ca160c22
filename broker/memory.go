package broker

import (
	"errors"
	"sync"
)

// MemoryOptions are the settings of a [Memory]. The zero value is a broker
// without limits.
type MemoryOptions struct {
	// MaxSize is how many bytes of data a message may have; a larger one is
	// rejected. Zero is no limit.
	MaxSize int

	// Capacity is how many messages the broker keeps; when it is full it is
	// unavailable until [Memory.Drain] makes room. Zero is no limit.
	Capacity int
}

// A Memory is a broker inside the process, for tests and examples: it keeps the
// promises of this package, and can be made to fail as brokers do. What is
// published is kept until [Memory.Drain], and every subscription begins with the
// first message there is. Its methods may be called concurrently.
type Memory struct {
	o       MemoryOptions
	mu      sync.Mutex
	topics  map[string]*memoryTopic
	kept    int
	line    lineState
	gate    chan struct{} // closed when the state of the line changes
	letters []Letter
}

type memoryTopic struct {
	entries       []memoryEntry
	subscriptions map[string]*memorySubscription
}

// A memoryEntry is a message, or something that is none.
type memoryEntry struct {
	message Message
	letter  *Letter
}

type lineState int

const (
	lineUp lineState = iota
	lineCut
	lineStalled
)

var (
	errCut     = errors.New("the line is cut")
	errFull    = errors.New("no room is left")
	errNoTopic = errors.New("the message has no topic")
)

// NewMemory makes a broker without topics; they are made by publishing to them.
func NewMemory(o MemoryOptions) *Memory {
	return &Memory{o: o, topics: map[string]*memoryTopic{}, gate: make(chan struct{})}
}

// Cut makes the broker unavailable: what is published fails, nothing arrives,
// and what is being handled cannot be acknowledged and will arrive again.
func (m *Memory) Cut() { m.set(lineCut) }

// Stall makes the broker silent: what is published waits.
func (m *Memory) Stall() { m.set(lineStalled) }

// Mend makes the broker available again.
func (m *Memory) Mend() { m.set(lineUp) }

func (m *Memory) set(s lineState) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.line = s
	close(m.gate)
	m.gate = make(chan struct{})
	if s == lineCut {
		m.forgetBusy()
	}
	m.wake()
}

// wake tells the workers of all subscriptions to look again.
func (m *Memory) wake() {
	for _, t := range m.topics {
		for _, s := range t.subscriptions {
			s.work.Broadcast()
		}
	}
}

// forgetBusy lets nothing that is being handled be acknowledged.
func (m *Memory) forgetBusy() {
	for _, t := range m.topics {
		for _, s := range t.subscriptions {
			s.epoch++
		}
	}
}

func (m *Memory) topic(name string) *memoryTopic {
	t := m.topics[name]
	if t == nil {
		t = &memoryTopic{subscriptions: map[string]*memorySubscription{}}
		m.topics[name] = t
	}
	return t
}

func (m *Memory) put(topic string, e memoryEntry) {
	t := m.topic(topic)
	t.entries = append(t.entries, e)
	m.kept++
	for _, s := range t.subscriptions {
		s.enqueue(e)
	}
}

// Post puts something on a topic that is not a message, as others may do on a
// broker that is shared.
func (m *Memory) Post(topic string, header map[string]string, body []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(topic, memoryEntry{letter: &Letter{Topic: topic, Header: header, Body: body, Err: ErrUndecodable}})
}

// Messages returns what is kept of a topic, in the order of publishing.
func (m *Memory) Messages(topic string) (all []Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range m.topic(topic).entries {
		if e.letter == nil {
			all = append(all, e.message)
		}
	}
	return all
}

// Letters returns the dead letters that no subscriber's sink has taken.
func (m *Memory) Letters() []Letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Letter(nil), m.letters...)
}

// Drain forgets what is kept, which makes room. What is still to be handled by
// subscriptions that were used already is handled.
func (m *Memory) Drain() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.topics {
		t.entries = nil
	}
	m.kept = 0
}
