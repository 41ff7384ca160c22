package persistent

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/cairndb/cairn"
)

// Options are the settings of all subscriptions of a server.
type Options struct {
	// HeldBytes is how many bytes of events each subscription holds in memory
	// at most, besides one event. Zero means 64 MiB.
	HeldBytes int

	// Logger is told what no caller is. Nil is silent.
	Logger *slog.Logger
}

// Subscriptions are all of a server. Nothing is read before they are asked for.
// Their methods may be called concurrently.
type Subscriptions struct {
	store Store
	open  func(Config) (Source, error)
	opts  Options

	changing sync.Mutex // held while the configuration is read or changed

	mu      sync.Mutex
	closed  bool
	loaded  bool
	written cairn.Revision // of the configuration
	all     map[string]*Subscription
	streams map[string]bool // that have or had one
}

// New makes the subscriptions that are configured in a store, which must stay open
// until Close. The function opens what a subscription reads.
func New(store Store, open func(Config) (Source, error), o Options) *Subscriptions {
	o.HeldBytes = cmp.Or(o.HeldBytes, defaultHeld)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Subscriptions{store: store, open: open, opts: o, all: map[string]*Subscription{}, streams: map[string]bool{}}
}

// load reads the configuration, unless that was done.
func (s *Subscriptions) load(ctx context.Context) error {
	s.mu.Lock()
	loaded, closed := s.loaded, s.closed
	s.mu.Unlock()
	switch {
	case closed:
		return ErrClosed
	case loaded:
		return nil
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	return s.loadOnce(ctx)
}

// loadOnce does so while nobody else changes anything.
func (s *Subscriptions) loadOnce(ctx context.Context) error {
	if s.loaded || s.closed {
		return nil
	}
	configs, at, err := readConfig(ctx, s.store)
	if err != nil {
		return err
	}
	all, streams := map[string]*Subscription{}, map[string]bool{}
	for _, c := range configs {
		if all[c.Key.String()], err = s.make(c); err != nil {
			return err
		}
		streams[c.Stream] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all, s.streams, s.written, s.loaded = all, streams, at, true
	return nil
}

func (s *Subscriptions) make(c Config) (*Subscription, error) {
	source, err := s.open(c)
	if err != nil {
		return nil, &FailedError{c.Key, err.Error()}
	}
	return newSubscription(c, s.store, source, s.opts), nil
}

// Get finds a subscription.
func (s *Subscriptions) Get(ctx context.Context, k Key) (*Subscription, error) {
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.all[k.String()]; found != nil && found.Key == k {
		return found, nil
	}
	return nil, &KeyError{k, ErrMissing}
}

// List finds all subscriptions, or those to a stream. If that never had one since
// the server started, the error matches ErrMissing.
func (s *Subscriptions) List(ctx context.Context, stream string) ([]*Subscription, error) {
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if stream != "" && !s.streams[stream] {
		return nil, &KeyError{Key{Stream: stream}, ErrMissing}
	}
	var all []*Subscription
	for _, one := range s.all {
		if stream == "" || one.Stream == stream {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b *Subscription) int { return cmp.Compare(a.Key.String(), b.Key.String()) })
	return all, nil
}

// finishTime is how long a subscription that stops may take to write down how far
// it has come.
const finishTime = 10 * time.Second

// halt stops subscriptions, all at once.
func (s *Subscriptions) halt(all map[string]*Subscription, why func(Key) error) {
	ctx, cancel := context.WithTimeout(context.Background(), finishTime)
	defer cancel()
	var stopping sync.WaitGroup
	for _, one := range all {
		stopping.Go(func() { one.halt(ctx, why(one.Key)) })
	}
	stopping.Wait()
}

func dropped(k Key) error { return &KeyError{k, ErrDropped} }

// Restart drops all consumers and begins with what is configured, as a server that
// is started does.
func (s *Subscriptions) Restart(ctx context.Context) error {
	if err := s.load(ctx); err != nil {
		return err
	}
	s.changing.Lock()
	defer s.changing.Unlock()
	s.halt(s.all, dropped)
	s.mu.Lock()
	s.loaded = false
	s.mu.Unlock()
	return s.loadOnce(ctx)
}

// Close ends everything, has written down how far it has come, and waits for that.
// Consumers get the error.
func (s *Subscriptions) Close(why error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	s.mu.Lock()
	all := s.all
	s.closed, s.all = true, map[string]*Subscription{}
	s.mu.Unlock()
	s.halt(all, func(Key) error { return why })
}
