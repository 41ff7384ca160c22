package main

import (
	"context"
	"io"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/webhook"
	"github.com/cairndb/cairn/client"
	"github.com/cairndb/cairn/group"
)

// members are the settings of all who share the events of orders.
func (p *plan) members(workers int) group.Options {
	return group.Options{Query: cairn.ByCategory("order"), Lease: p.Lease, Workers: workers}
}

// state writes one line of a statement for each event of an order, in the batch
// that settles the event.
func state(ctx context.Context, p part, _ io.Writer) error {
	return using(ctx, p, func(ctx context.Context, store *client.Client) error {
		return group.RunTx(ctx, store, "statements", p.Plan.members(64), func(_ context.Context, e cairn.Recorded) (b cairn.Batch, err error) {
			s, err := stepOf(e.Data)
			if err != nil {
				return b, err
			}
			return cairn.Batch{Writes: []cairn.Write{{
				Stream: statement(s.Key), Expected: cairn.Any, Events: []cairn.Event{event(typeLine, s)},
			}}}, nil
		})
	})
}

// relay tells billing.
func relay(ctx context.Context, p part, _ io.Writer) error {
	contract, err := broker.NewContract("https://orders.example.com", happened)
	if err != nil {
		return err
	}
	to, err := webhook.NewPublisher(webhook.PublisherOptions{
		URL: "http://" + p.Billing, Secrets: []string{secret}, AllowPlain: true, AllowPrivate: true,
		Concurrent: posts, Pause: 200 * time.Millisecond,
	})
	if err != nil {
		return err
	}
	defer to.Close(context.WithoutCancel(ctx))
	return using(ctx, p, func(ctx context.Context, store *client.Client) error {
		return broker.Relay(ctx, store, "to-billing", broker.RelayOptions{
			Contract: contract, Mapping: tell, Publisher: to, Group: p.Plan.members(2 * posts), MaxHold: time.Second,
		})
	})
}
