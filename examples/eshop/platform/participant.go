package platform

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/decider"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/inbox"
)

// A Participant is how an event-sourced service takes part in what is said: a
// relay says what its mapping makes of its domain events, and an inbox stores what
// follows from what it hears, once. All of it is in the service's own store.
type Participant struct {
	Name  string // of the service
	Store cairn.Store
	Bus   Bus

	// Contract is all that may be said, and Mapping what is said of domain events,
	// which are those of Categories.
	Contract   *broker.Contract
	Mapping    broker.Mapping
	Categories []string

	// Hears are the reactions to what is said, by topic, and Writes the categories
	// of what they store.
	Hears  map[string][]Reaction
	Writes []string

	Logger *slog.Logger
}

// A Reaction is what a service does about one type of integration event.
type Reaction struct {
	name   string
	handle func(context.Context, broker.Delivery) (cairn.Batch, error)
}

// On is the reaction to a type. What handle returns is stored once, however often
// the event arrives. It is called again if that conflicts with what others have
// stored meanwhile. What is decided under its context is caused by the event.
func On[T any](t broker.EventType[T], handle func(context.Context, T) (cairn.Batch, error)) Reaction {
	return Reaction{t.Name, func(ctx context.Context, d broker.Delivery) (b cairn.Batch, err error) {
		e, err := t.Decode(d)
		if err != nil {
			return b, err
		}
		return handle(decider.CausedBy(ctx, broker.CauseOf(d)), e)
	}}
}

// Group are the settings of the groups of the shop: of few partitions, as its
// services run in few processes, and quick to take over from one that was killed.
func Group(log *slog.Logger) group.Options {
	return group.Options{Partitions: 8, Lease: 3 * time.Second, CheckpointEvery: 500 * time.Millisecond, Logger: log}
}

// Run takes part until ctx ends, whose cause it returns, or something cannot be
// mended.
func (p *Participant) Run(ctx context.Context) error {
	in, err := inbox.Open(ctx, p.Store, p.Name, inbox.Options{})
	if err != nil {
		return err
	}
	parts := []func(context.Context) error{p.say}
	for topic, reactions := range p.Hears {
		parts = append(parts, func(ctx context.Context) error { return p.hear(ctx, in, topic, reactions) })
	}
	return Together(ctx, parts...)
}

func (p *Participant) say(ctx context.Context) (err error) {
	publisher, err := p.Bus.Publisher()
	if err != nil {
		return err
	}
	o := Group(p.Logger)
	o.About.Service = p.Name
	o.Query = cairn.ByCategory(p.Categories...)
	err = broker.Relay(ctx, p.Store, p.Name+"-relay", broker.RelayOptions{
		Contract: p.Contract, Mapping: p.Mapping, Publisher: publisher, Group: o, MaxHold: 2 * time.Second, Logger: p.Logger,
	})
	return errors.Join(err, publisher.Close(context.WithoutCancel(ctx)))
}

// hear reacts to a topic. Types without a reaction are none of this service's
// business, and leave no mark.
func (p *Participant) hear(ctx context.Context, in *inbox.Inbox, topic string, reactions []Reaction) error {
	s, err := p.Bus.Subscriber(topic, p.Name)
	if err != nil {
		return err
	}
	NoteHearing(ctx, p.Store, p.Logger, p.Name, topic, broker.ViaOf(s), p.Writes...)
	of := maps.Collect(func(yield func(string, Reaction) bool) {
		for _, r := range reactions {
			if !yield(r.name, r) {
				return
			}
		}
	})
	return s.Subscribe(ctx, func(ctx context.Context, d broker.Delivery) error {
		r, ok := of[d.Event.Type()]
		if !ok {
			return nil
		}
		return in.Handle(ctx, d, r.handle)
	})
}
