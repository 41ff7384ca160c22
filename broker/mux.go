package broker

import (
	"context"
	"fmt"

	"github.com/cairndb/cairn"
)

// A Mux hands each delivery to the handler of its type, with its data decoded.
// It never changes once it is made, and may be used concurrently.
type Mux struct {
	routes  map[string]func(context.Context, Delivery) error
	unknown func(Delivery) error
}

// A Route is a handler for one type of integration event. It is made by [On].
type Route struct {
	event  Registered
	handle func(context.Context, Delivery) error
}

// On is the route of a type: handle is called with its data. What cannot be
// decoded is not handed to handle, but rejected.
func On[T any](t EventType[T], handle func(ctx context.Context, data T, d Delivery) error) Route {
	if handle == nil {
		return Route{}
	}
	return Route{event: t, handle: func(ctx context.Context, d Delivery) error {
		data, err := t.Decode(d)
		if err != nil {
			return err
		}
		return handle(ctx, data, d)
	}}
}

// An Unknown says what becomes of types that have no route. It is [Reject] or
// made by [Ignore].
type Unknown func(Delivery) error

// Reject has what has no route rejected, and so kept as a dead letter: the error
// matches [ErrUnknownType]. It is right where a topic holds nothing else.
func Reject(d Delivery) error {
	e := &d.Event
	return &EventError{Type: e.Type(), Source: e.Source(), ID: e.ID(), Kind: ErrUnknownType}
}

// Ignore has what has no route acknowledged. The function is told of each, to be
// counted, and must be quick. It is right where others put types of their own on
// the same topic.
func Ignore(tell func(Delivery)) Unknown {
	return func(d Delivery) error {
		if tell != nil {
			tell(d)
		}
		return nil
	}
}

// NewMux makes a mux. What becomes of types without a route must be said. The
// error, a [*cairn.InvalidError], names a type that has two.
//
//	mux, err := broker.NewMux(broker.Reject,
//		broker.On(OrderPlaced, func(ctx context.Context, e PlacedV1, d broker.Delivery) error { ... }))
//	...
//	err = subscriber.Subscribe(ctx, mux.Handle)
func NewMux(unknown Unknown, routes ...Route) (*Mux, error) {
	if unknown == nil {
		return nil, &cairn.InvalidError{Field: "unknown", Problem: "must be Reject or Ignore"}
	}
	m := &Mux{routes: map[string]func(context.Context, Delivery) error{}, unknown: unknown}
	for i, r := range routes {
		if r.event == nil || r.handle == nil {
			return nil, &cairn.InvalidError{Field: fmt.Sprintf("routes[%d]", i), Problem: "must be made by On, with a handler"}
		}
		e, err := r.event.entry()
		if err != nil {
			return nil, fmt.Errorf("broker: routes[%d]: %w", i, err)
		}
		if m.routes[e.Name] != nil {
			return nil, &cairn.InvalidError{Field: fmt.Sprintf("routes[%d]", i), Problem: fmt.Sprintf("%q has a route already", e.Name)}
		}
		m.routes[e.Name] = r.handle
	}
	return m, nil
}

// Handle handles a delivery, for [Subscriber].
func (m *Mux) Handle(ctx context.Context, d Delivery) error {
	if d.Event.Context == nil {
		return undecodable(&d.Event, fmt.Errorf("it is empty"))
	}
	if handle := m.routes[d.Event.Type()]; handle != nil {
		return handle(ctx, d)
	}
	return m.unknown(d)
}
