// Command relay shows a service that tells others what has happened, without
// telling them how it works inside. Its orders are event-sourced; a contract says
// what others may hear of them, a mapping makes integration events of domain
// events, and a relay publishes those, here to a broker inside the process. The
// broker is away at first, which costs nothing but time. Billing listens.
//
//	relay                prints what is published, what is not, and what arrives
//	relay --asyncapi     prints the contract, for people and for tools
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/asyncapi"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group"
)

// The domain events are the service's own. They change as it likes.
type event interface{ order() }

type (
	placed struct {
		Total int    `json:"total"`
		Card  string `json:"card"` // nobody's business
	}
	noted struct {
		Text string `json:"text"`
	}
	cancelled struct {
		By string `json:"by"`
	}
)

func (placed) order()    {}
func (noted) order()     {}
func (cancelled) order() {}

var events = codec.JSON(codec.Types[event]{
	"order.placed": placed{}, "order.noted": noted{}, "order.cancelled": cancelled{},
})

// The integration events are promises to others.
type (
	placedV1 struct {
		Order string `json:"order" doc:"Which one."`
		Total int    `json:"total" doc:"In cents."`
	}
	cancelledV1 struct {
		Order string `json:"order" doc:"Which one."`
	}
)

var (
	orderPlaced = broker.EventType[placedV1]{
		Name: "com.example.order.placed.v1", Topic: "orders", Description: "A customer has placed an order.",
		Example: &placedV1{Order: "order-7", Total: 1250},
	}
	orderCancelled = broker.EventType[cancelledV1]{
		Name: "com.example.order.cancelled.v1", Topic: "orders", Description: "An order will not be delivered.",
	}
)

// mapping is the line between the two.
var mapping = broker.Typed(events, func(e event, r cairn.Recorded) ([]broker.Draft, error) {
	switch e := e.(type) {
	case placed:
		return []broker.Draft{orderPlaced.Draft(placedV1{Order: r.Stream, Total: e.Total})}, nil
	case cancelled:
		return []broker.Draft{orderCancelled.Draft(cancelledV1{Order: r.Stream})}, nil
	}
	return nil, broker.ErrUnmapped
})

func main() {
	describe := flag.Bool("asyncapi", false, "print the contract as an AsyncAPI document")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *describe); err != nil {
		fmt.Fprintln(os.Stderr, "relay:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, describe bool) error {
	contract, err := broker.NewContract("https://shop.example.com/orders", orderPlaced, orderCancelled)
	if err != nil {
		return err
	}
	if describe {
		return document(contract, out)
	}
	store, err := disk.OpenMemory(nil) // a program opens a directory, or dials a server
	if err != nil {
		return err
	}
	defer store.Close()
	if err := trade(ctx, store); err != nil {
		return err
	}
	memory := broker.NewMemory(broker.MemoryOptions{})
	if err := tell(ctx, store, contract, memory, out); err != nil {
		return err
	}
	return listen(ctx, memory, out)
}

// document prints the contract.
func document(contract *broker.Contract, out io.Writer) error {
	b, err := asyncapi.YAML(contract, asyncapi.Info{
		Title: "Orders", Version: "1.0.0", Description: "What others hear of the orders of the shop.",
		Servers:      []asyncapi.Server{{Name: "production", Host: "nats.example.com:4222", Protocol: "nats"}},
		HeaderPrefix: "ce-",
	})
	if err == nil {
		_, err = out.Write(b)
	}
	return err
}

// trade is what the service does all day.
func trade(ctx context.Context, store cairn.Appender) error {
	for _, s := range []struct {
		stream string
		event  event
	}{
		{"order-1", placed{Total: 1250, Card: "4111 1111 1111 1111"}},
		{"order-1", noted{"wants it blue"}},
		{"order-2", placed{Total: 300, Card: "5500 0000 0000 0004"}},
		{"order-1", cancelled{By: "ann"}},
	} {
		e, err := events.Encode(s.event)
		if err != nil {
			return err
		}
		if _, err := store.Append(ctx, s.stream, cairn.Any, e); err != nil {
			return err
		}
	}
	return nil
}

// tell relays until everything that has happened is settled.
func tell(ctx context.Context, store cairn.Store, contract *broker.Contract, memory *broker.Memory, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	memory.Cut()
	var settled atomic.Int64
	err := broker.Relay(ctx, store, "orders-to-broker", broker.RelayOptions{
		Contract: contract, Mapping: mapping, Publisher: memory.Publisher(),
		Group: group.Options{
			Workers: 1, // so that what is printed has an order
			OnSettled: func(*cairn.Recorded, int) {
				if settled.Add(1) == 4 {
					stop() // a service goes on
				}
			},
		},
		OnHeld: func(_ int, _ time.Duration, err error) {
			fmt.Fprintln(out, "held:", err)
			memory.Mend()
		},
		OnResumed: func(time.Duration) { fmt.Fprintln(out, "the broker is back") },
		OnPublished: func(e *cairn.Recorded, m *broker.Message, _ time.Duration) {
			fmt.Fprintf(out, "published: %s of %s as %s\n", e.Type, e.Stream, m.Event.Type())
		},
		OnSkipped: func(e *cairn.Recorded, reason error) {
			fmt.Fprintf(out, "not published: %s of %s, %v\n", e.Type, e.Stream, reason)
		},
	})
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// listen is billing, which knows the contract and nothing else of orders.
func listen(ctx context.Context, memory *broker.Memory, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	mux, err := broker.NewMux(broker.Reject,
		broker.On(orderPlaced, func(_ context.Context, e placedV1, d broker.Delivery) error {
			fmt.Fprintf(out, "billing: %s owes %d cents\n", e.Order, e.Total)
			return nil
		}),
		broker.On(orderCancelled, func(_ context.Context, e cancelledV1, _ broker.Delivery) error {
			fmt.Fprintf(out, "billing: %s owes nothing\n", e.Order)
			stop() // a service goes on
			return nil
		}))
	if err != nil {
		return err
	}
	err = memory.Subscriber("orders", broker.MemorySubscription{Name: "billing"}).Subscribe(ctx, mux.Handle)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}
