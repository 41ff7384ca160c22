package group_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/storetest"
)

var errNoAddress = errors.New("no address")

func mail(e cairn.Recorded) error {
	if e.Stream == "order-2" {
		return errNoAddress
	}
	fmt.Println("mailed about", e.Stream)
	return nil
}

func ExampleRun() {
	ctx, cancel := context.WithCancel(context.Background())
	store := storetest.NewReference() // a program opens a disk.Store, or dials a server
	defer store.Close()
	store.Append(ctx, "order-1", cairn.NoStream, cairn.Event{Type: "order.placed"})
	store.Append(ctx, "order-2", cairn.NoStream, cairn.Event{Type: "order.placed"})

	o := group.Options{Query: cairn.ByType("order.placed"), Workers: 1}
	o.OnParked = func(*cairn.Recorded, int, error) { cancel() } // this program has seen enough
	err := group.Run(ctx, store, "mailer", o, func(_ context.Context, e cairn.Recorded) error {
		err := mail(e)
		if errors.Is(err, errNoAddress) {
			return group.Park(err) // never again
		}
		return err // nil settles the event; an error is tried again
	})
	fmt.Println(err)

	keys, err := group.Parked(context.Background(), store, "mailer")
	fmt.Println(keys[0].Key, keys[0].Error, err)
	// Output:
	// mailed about order-1
	// context canceled
	// order-2 no address <nil>
}

func ExampleRunTx() {
	ctx, cancel := context.WithCancel(context.Background())
	store := storetest.NewReference()
	defer store.Close()
	store.Append(ctx, "order-1", cairn.NoStream, cairn.Event{Type: "order.paid"})

	o := group.Options{Query: cairn.ByType("order.paid")}
	o.OnSettled = func(*cairn.Recorded, int) { cancel() }
	group.RunTx(ctx, store, "shipping", o, func(_ context.Context, e cairn.Recorded) (cairn.Batch, error) {
		return cairn.Batch{Writes: []cairn.Write{{
			Stream: "shipment-of-" + e.Stream, Expected: cairn.NoStream,
			Events: []cairn.Event{{Type: "shipment.requested"}},
		}}}, nil
	})

	for e, err := range store.ReadStream(context.Background(), "shipment-of-order-1", cairn.ReadOptions{}) {
		fmt.Println(e.Type, err)
	}
	// Output: shipment.requested <nil>
}
