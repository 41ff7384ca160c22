package persistent

import (
	"context"
	"errors"
	"fmt"
)

// change begins a change of the configuration: what there is, and what ends it.
func (s *Subscriptions) change(ctx context.Context) (all map[string]Config, done func(), err error) {
	if err := s.load(ctx); err != nil {
		return nil, nil, err
	}
	s.changing.Lock()
	err = s.loadOnce(ctx) // again, if the subscriptions were restarted and that failed
	if s.closed {
		err = ErrClosed
	}
	if err != nil {
		s.changing.Unlock()
		return nil, nil, err
	}
	all = make(map[string]Config, len(s.all)+1)
	for name, one := range s.all {
		all[name] = one.Config
	}
	return all, s.changing.Unlock, nil
}

// Create adds a subscription. What cannot be is a *FailedError; one that exists
// matches ErrExists.
func (s *Subscriptions) Create(ctx context.Context, k Key, settings Settings, by string) error {
	all, done, err := s.change(ctx)
	if err != nil {
		return err
	}
	defer done()
	if _, found := all[k.String()]; found {
		return &KeyError{k, ErrExists}
	}
	one, err := s.prepare(ctx, Config{Key: k, Settings: settings})
	if err != nil {
		return err
	}
	all[k.String()] = one.Config
	if err := s.write(ctx, all, by); err != nil {
		return err
	}
	s.put(k, one)
	return nil
}

// prepare makes a subscription that is not configured yet, and finds out where the
// end is.
func (s *Subscriptions) prepare(ctx context.Context, c Config) (*Subscription, error) {
	if p := c.problem(); p != "" {
		return nil, &FailedError{c.Key, p}
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	one, err := s.make(c)
	if err != nil {
		return nil, err
	}
	last, err := one.source.Last(ctx)
	if err != nil {
		return nil, err
	}
	if c.Stream == All && !c.Start.End && c.Start.At > max(last, 0) {
		return nil, &FailedError{c.Key, fmt.Sprintf("the start, %s, is behind the last event, at %d", c.Start.text(true), last)}
	}
	one.Anchor = last
	return one, nil
}

// Update changes the settings of a subscription, but for its filter, and drops its
// consumers. It goes on from its checkpoint; without one it begins where the new
// settings say. If both old and new ones say the end, that is where it was at first.
func (s *Subscriptions) Update(ctx context.Context, k Key, settings Settings, by string) error {
	return s.replace(ctx, k, func(old *Subscription, all map[string]Config) (*Subscription, error) {
		settings.Filter = old.Filter
		one, err := s.prepare(ctx, Config{Key: k, Settings: settings})
		if err != nil {
			return nil, err
		}
		if old.Start.End && one.Start.End {
			one.Anchor = old.Anchor
		}
		all[k.String()] = one.Config
		return one, nil
	}, func(all map[string]Config) error { return s.write(ctx, all, by) })
}

// Delete removes a subscription with what is parked, and drops its consumers.
func (s *Subscriptions) Delete(ctx context.Context, k Key, by string) error {
	return s.replace(ctx, k, func(_ *Subscription, all map[string]Config) (*Subscription, error) {
		delete(all, k.String())
		return nil, nil
	}, func(all map[string]Config) error { return s.write(ctx, all, by, k.checkpoint(), k.parked()) })
}

// replace stops a subscription and puts another in its place, or none. The old one
// has written down all it will when the change is stored. If it cannot be stored it
// is as if the subscription had been restarted.
func (s *Subscriptions) replace(ctx context.Context, k Key, with func(*Subscription, map[string]Config) (*Subscription, error), store func(map[string]Config) error) error {
	all, done, err := s.change(ctx)
	if err != nil {
		return err
	}
	defer done()
	old := s.all[k.String()]
	if old == nil || old.Key != k {
		return &KeyError{k, ErrMissing}
	}
	next, err := with(old, all)
	if err != nil {
		return err
	}
	s.halt(map[string]*Subscription{"": old}, dropped)
	if err := store(all); err != nil {
		next, again := s.make(old.Config)
		s.put(k, next)
		return errors.Join(err, again)
	}
	s.put(k, next)
	return nil
}

// put puts a subscription in its place; nil leaves the place empty.
func (s *Subscriptions) put(k Key, one *Subscription) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one == nil {
		delete(s.all, k.String())
		return
	}
	s.all[k.String()], s.streams[k.Stream] = one, true
}
