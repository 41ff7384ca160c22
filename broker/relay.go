package broker

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

// Relay tells others what has happened in a store, until ctx ends: it takes part
// in the group of this name, maps each event, and publishes what it is mapped to.
//
//	err := broker.Relay(ctx, store, "orders-to-nats", broker.RelayOptions{
//		Contract: contract, Mapping: mapping, Publisher: publisher,
//	})
//
// The messages of a key are published in the order of the log, each after the
// one before was confirmed; those of different keys side by side. Each is
// published at least once: after a crash, those since the last checkpoint are
// published again, with the same IDs.
//
// While the broker is unavailable the relay holds what it has and tries one
// message now and then; nothing is parked for it, and no attempts are counted. A
// message that the broker rejects parks its event at once, and with it what
// follows under its key; so does a mapping that panics, cannot read the event or
// drafts what is not in the contract. After any other error the event is tried
// again, mapping and all, as often as the group's Attempts say. Events that the
// mapping does not know are skipped. What is parked is listed and replayed as in
// any group, and group.Status shows how far the relay is.
//
// Relay returns the cause of ctx, [ErrClosed] if the publisher was closed under
// it, the first error of the store, or what is wrong with the options.
func Relay(ctx context.Context, store group.Store, name string, o RelayOptions) error {
	o, err := o.withDefaults()
	if err != nil {
		return err
	}
	o.hook()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := &relay{o: o, name: name, circuit: newCircuit(o.MaxHold), end: cancel}
	r.circuit.onHeld, r.circuit.onResumed = r.held, r.resumed
	return group.Run(ctx, store, name, o.Group, r.handle)
}

// A relay is what its workers share.
type relay struct {
	o       RelayOptions
	name    string
	circuit *circuit
	end     context.CancelCauseFunc
}

// handle publishes what an event is mapped to.
func (r *relay) handle(ctx context.Context, e cairn.Recorded) error {
	messages, err := r.o.Contract.messages(e, r.key(&e), r.o.Mapping)
	switch {
	case errors.Is(err, ErrMapping):
		return group.Park(err)
	case errors.Is(err, ErrUnmapped), err == nil && len(messages) == 0:
		if r.o.OnSkipped != nil {
			r.o.OnSkipped(&e, err)
		}
		return nil
	case err != nil:
		return err
	}
	for i := range messages {
		if err := r.publish(ctx, &e, &messages[i]); err != nil {
			return r.outcome(&e, err)
		}
	}
	return nil
}

func (r *relay) key(e *cairn.Recorded) string {
	if r.o.Group.Key == nil {
		return e.Stream
	}
	return r.o.Group.Key(e)
}

// outcome is what the group is to do about an error of publishing.
func (r *relay) outcome(e *cairn.Recorded, err error) error {
	switch {
	case errors.Is(err, ErrRejected):
		return group.Park(fmt.Errorf("broker: %s at position %d: %w", e.Type, e.Position, err))
	case errors.Is(err, ErrClosed):
		r.end(err)
	}
	return err
}

// publish publishes a message, however long its broker is away.
func (r *relay) publish(ctx context.Context, e *cairn.Recorded, m *Message) error {
	for {
		first, err := r.circuit.enter(ctx)
		if err != nil {
			return err
		}
		var begin time.Time
		if r.o.OnPublished != nil {
			begin = time.Now()
		}
		err = r.attempt(ctx, *m)
		if r.circuit.leave(ctx, first, err) {
			continue
		}
		if err == nil && r.o.OnPublished != nil {
			r.o.OnPublished(e, m, time.Since(begin))
		}
		return err
	}
}

// attempt publishes a message once. A broker that does not answer is unavailable.
func (r *relay) attempt(ctx context.Context, m Message) (err error) {
	defer func() {
		if v := recover(); v != nil { // the circuit must hear of it
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	limited, cancel := context.WithTimeout(ctx, r.o.PublishTimeout)
	defer cancel()
	err = r.o.Publisher.Publish(limited, m)
	if err != nil && limited.Err() != nil && ctx.Err() == nil && !errors.Is(err, ErrRejected) {
		err = fmt.Errorf("%w: no confirmation within %v: %w", ErrUnavailable, r.o.PublishTimeout, err)
	}
	if ctx.Err() != nil && err != nil {
		return context.Cause(ctx)
	}
	return err
}

func (r *relay) held(failures int, after time.Duration, err error) {
	if failures == 1 {
		r.o.Logger.Warn("broker: unavailable, holding messages", "relay", r.name, "err", err)
	}
	if r.o.OnHeld != nil {
		r.o.OnHeld(failures, after, err)
	}
}

func (r *relay) resumed(held time.Duration) {
	r.o.Logger.Info("broker: available again", "relay", r.name, "held", held)
	if r.o.OnResumed != nil {
		r.o.OnResumed(held)
	}
}
