package log

import (
	"context"
	"errors"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/component"
	"github.com/cairndb/cairn/group"
)

// SubscriberOptions are the settings of a Subscriber. Topic and Name must be set.
type SubscriberOptions struct {
	Topic string

	// Name is the group's. Subscribers of one name share what arrives, and one
	// goes on where another has ended. A name is for one topic: the store keeps
	// one group of a name, and its members must agree in what they hear.
	Name string

	// Group are the settings of the group, but for Query and Key. Its Start says
	// where a new subscription begins: with the first message there ever was,
	// unless told otherwise. Zero Attempts means 20.
	Group group.Options

	// Sink takes dead letters. If it is nil they are parked by the group, and
	// with them what follows under their key.
	Sink broker.Sink
}

// A Subscriber implements broker.Subscriber as a member of a group.
type Subscriber struct {
	store group.Store
	o     SubscriberOptions
}

// NewSubscriber makes a subscriber. The error, a [*cairn.InvalidError], names an
// option that makes no sense; those of the group are looked at by Subscribe. The
// store is lent.
func NewSubscriber(store group.Store, o SubscriberOptions) (*Subscriber, error) {
	if err := validateTopic("topic", o.Topic); err != nil {
		return nil, err
	}
	if o.Name == "" {
		return nil, &cairn.InvalidError{Field: "name", Problem: "must not be empty"}
	}
	o.Group.Query, o.Group.Key = cairn.ByCategory(o.Topic), nil
	o.Group.About = o.Group.About.Or(component.About{Kind: "subscriber", Via: via, Hears: component.Names([]string{o.Topic})})
	if o.Group.Attempts == 0 {
		o.Group.Attempts = 20
	}
	if o.Group.Backoff == nil {
		o.Group.Backoff = group.Jitter(50*time.Millisecond, 10*time.Second)
	}
	return &Subscriber{store, o}, nil
}

// Subscribe implements broker.Subscriber. It ends early with the first error of
// the store.
func (s *Subscriber) Subscribe(ctx context.Context, handle func(context.Context, broker.Delivery) error) error {
	return group.Run(ctx, s.store, s.o.Name, s.o.Group, func(ctx context.Context, r cairn.Recorded) error {
		m, err := decode(&r)
		if err == nil {
			err = broker.Attempt(ctx, broker.Delivery{Message: m, Stored: &r}, handle)
		}
		if errors.Is(err, broker.ErrRejected) {
			return s.reject(ctx, &r, err)
		}
		return err
	})
}

// reject does away with what would fail however often it is tried.
func (s *Subscriber) reject(ctx context.Context, r *cairn.Recorded, err error) error {
	if s.o.Sink == nil {
		return group.Park(err)
	}
	return s.o.Sink(ctx, letterOf(r, err))
}
