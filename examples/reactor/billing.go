package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/broker/webhook"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/inbox"
)

// secret signs what billing is told. It is that of a test on one machine.
const secret = "whsec_cmVhY3Rvci1yZWFjdG9yLXJlYWN0b3It"

// posts is how many requests a relay makes at the same time.
const posts = 64

// keepBilling is a service with a store of its own, which hears of orders over
// HTTP and notes one entry for each event. Under /noted it says how many there
// are, and how many messages came again in this life.
func keepBilling(ctx context.Context, p part, out io.Writer) (err error) {
	store, err := disk.Open(billingDir(p.Dir), nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var again atomic.Int64
	in, err := inbox.Open(ctx, store, "orders", inbox.Options{Hooks: inbox.Hooks{OnDuplicate: func(inbox.Arrival) { again.Add(1) }}})
	if err != nil {
		return err
	}
	arrivals, err := webhook.NewSubscriber(webhook.SubscriberOptions{Secrets: []string{secret}, Workers: relays * posts, Remembered: 1})
	if err != nil {
		return err
	}
	doors := http.NewServeMux()
	doors.Handle("POST /orders", http.StripPrefix("/", arrivals))
	doors.HandleFunc("GET /noted", func(w http.ResponseWriter, r *http.Request) {
		n, err := noted(r.Context(), store)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		fmt.Fprintln(w, n, again.Load())
	})
	return serve(ctx, p.Billing, doors, out, func(ctx context.Context) error {
		return arrivals.Subscribe(ctx, in.Handler(note))
	})
}

// note is what billing does about a step.
func note(_ context.Context, d broker.Delivery) (b cairn.Batch, err error) {
	s, err := happened.Decode(d)
	if err != nil {
		return b, err
	}
	return cairn.Batch{Writes: []cairn.Write{{
		Stream: entry(s.Key), Expected: cairn.Any, Events: []cairn.Event{event(typeEntry, s)},
	}}}, nil
}

func noted(ctx context.Context, store cairn.Store) (int64, error) {
	info, err := store.Info(ctx)
	if err != nil {
		return 0, err
	}
	return cairn.Count(ctx, store, cairn.ByCategory("entry"), info.Head)
}

// serve serves HTTP while something runs.
func serve(ctx context.Context, address string, h http.Handler, out io.Writer, run func(context.Context) error) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	fmt.Fprintln(out, announcement+l.Addr().String())
	err = run(ctx)
	err = errors.Join(err, s.Close())
	if e := <-served; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}
