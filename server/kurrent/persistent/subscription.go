package persistent

import (
	"container/list"
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// A Subscription is a group of consumers that share the events of a source. Its
// methods may be called concurrently.
type Subscription struct {
	Config
	store  Store
	source Source
	log    *slog.Logger
	most   int // bytes of events held at most, but for one

	life context.Context // ends when the subscription stops
	end  context.CancelCauseFunc
	work sync.WaitGroup // the reader and the clerk

	loading sync.Mutex // held while what is stored is read, or what was parked is cut
	storing sync.Mutex // held while events are parked
	loaded  bool

	mu        sync.Mutex
	stopped   error // why nobody can connect any more
	consumers []*Consumer
	strategy  strategy
	rate      rate

	main     ledger // what was read and is not settled
	fresh    queue  // of these, what was never delivered
	retries  queue  // what was delivered in vain, and what is replayed
	unloaded int    // of these, those that are not at hand
	timeouts list.List
	parking  []*message
	held     int // bytes

	seen    Place // the last that was read or passed over
	highest Place // the last that was ever delivered
	known   Place // the last that was read since the server started; none at first
	live    bool  // everything was read
	reading reading

	checkpoint checkpoint
	replay     replay

	clerk clerk
}

func newSubscription(c Config, store Store, source Source, o Options) *Subscription {
	s := &Subscription{
		Config: c, store: store, source: source, log: o.Logger, most: o.HeldBytes,
		strategy: newStrategy(c.Strategy), seen: none, highest: none, known: none,
	}
	s.rate.began = time.Now()
	s.clerk.called = make(chan struct{}, 1)
	s.reading.room = make(chan struct{}, 1)
	s.life, s.end = context.WithCancelCause(context.Background())
	return s
}

// load reads how far the subscription has come, once.
func (s *Subscription) load(ctx context.Context) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	if s.loaded {
		return nil
	}
	at, err := s.readCheckpoint(ctx)
	if err != nil {
		return err
	}
	info, err := s.store.StreamInfo(ctx, s.parked())
	if err != nil {
		return err
	}
	last, err := s.source.Last(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.begin(at, last)
	s.replay.begin(info)
	s.loaded = true
	return nil
}

// begin begins behind a checkpoint, in what ends at last for now.
func (s *Subscription) begin(at, last Place) {
	s.seen = at
	if at == none {
		s.seen = s.behind()
	}
	s.checkpoint.at, s.checkpoint.base = at, s.seen
	s.live = s.seen >= last
}

// Connect adds a consumer, who must be closed.
func (s *Subscription) Connect(ctx context.Context, who Client) (*Consumer, error) {
	if who.Buffer < 1 {
		return nil, &FailedError{s.Key, "the buffer size must be at least 1"}
	}
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.stopped != nil:
		return nil, s.stopped
	case s.MaxSubscriberCount > 0 && len(s.consumers) >= s.MaxSubscriberCount:
		return nil, &KeyError{s.Key, ErrFull}
	}
	c := &Consumer{Client: who, of: s, ready: make(chan struct{}, 1), flight: map[cairn.ID][]*message{}}
	c.rate.began = time.Now()
	if s.ExtraStatistics {
		c.times = &latencies{}
	}
	s.checkpoint.hurry = false
	s.consumers = append(s.consumers, c)
	s.strategy.join(c)
	s.read()
	s.deliver()
	s.call()
	return c, nil
}

// deliver hands out what there is to those who have room: first what failed, then
// what is new. It is called whenever one of either has come.
func (s *Subscription) deliver() {
	now := time.Now()
	if s.deliverFrom(&s.retries, now) {
		s.deliverFrom(&s.fresh, now)
	}
	s.letRead()
	s.call()
}

// deliverFrom does so with a queue, and reports whether there may be consumers
// with room left. What is not at hand is not overtaken.
func (s *Subscription) deliverFrom(q *queue, now time.Time) bool {
	for e := q.Front(); e != nil; {
		m := e.Value.(*message)
		e = e.Next()
		if !m.loaded {
			return false
		}
		c, picky := s.strategy.choose(m)
		if c == nil && !picky {
			return false
		}
		if c != nil {
			q.remove(m)
			s.assign(m, c, now)
		}
	}
	return true
}

func (s *Subscription) assign(m *message, c *Consumer, now time.Time) {
	c.assign(m, now)
	s.strategy.begin(m, c)
	if s.MessageTimeout > 0 {
		m.timeout = s.timeouts.PushBack(m)
	}
	if !m.replayed {
		s.highest = max(s.highest, m.Place)
	}
}

// unassign takes a message from its consumer, with or without an answer.
func (s *Subscription) unassign(m *message) {
	if m.timeout != nil {
		s.timeouts.Remove(m.timeout)
		m.timeout = nil
	}
	s.strategy.end(m, m.holder)
	m.holder.release(m)
}
