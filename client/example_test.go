package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/client"
)

// Connect to a server, append where a stream is expected to stand, and read it.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	store, err := client.Dial(ctx, "cairn://admin:changeit@localhost:2113?tlsCaFile=/etc/cairn/ca.pem", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	_, err = store.Append(ctx, "order-1", cairn.NoStream, cairn.Event{Type: "order.placed", Data: []byte(`{"total":12}`)})
	if conflict, ok := errors.AsType[*cairn.ConflictError](err); ok {
		fmt.Println("somebody was faster: the stream is at", conflict.Actual)
	} else if err != nil {
		log.Fatal(err)
	}
	for e, err := range store.ReadStream(ctx, "order-1", cairn.ReadOptions{}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(e.Revision, e.Type)
	}
}

// Follow what matches a query. The loop outlives broken connections and restarts
// of the server; it ends with its context.
func ExampleClient_ReadAll() {
	ctx := context.Background()
	store, err := client.Dial(ctx, "cairn://localhost:2113?tls=false", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	var checkpoint cairn.Position // from wherever it is kept
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{After: checkpoint, Query: cairn.ByType("order.paid"), Follow: true}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(e.Stream, "was paid")
		checkpoint = e.Position
	}
}

// Write whatever the outcome of a first attempt was: a key makes a batch one that
// is stored once, even if it is tried again by another process.
func ExampleClient_Commit() {
	ctx := context.Background()
	store, err := client.Dial(ctx, "cairn://localhost:2113?tls=false", &client.Options{MaxWait: 5 * time.Second})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	batch := cairn.Batch{Key: "payment-4711", Writes: []cairn.Write{
		{Stream: "account-1", Expected: cairn.StreamExists, Events: []cairn.Event{{Type: "account.debited"}}},
		{Stream: "account-2", Expected: cairn.StreamExists, Events: []cairn.Event{{Type: "account.credited"}}},
	}}
	_, err = store.Commit(ctx, batch)
	if errors.Is(err, cairn.ErrUnknownOutcome) || errors.Is(err, client.ErrUnavailable) {
		_, err = store.Commit(ctx, batch)
	}
	if err != nil {
		log.Fatal(err)
	}
}
