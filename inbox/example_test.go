package inbox_test

import (
	"context"
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/inbox"
	"github.com/cairndb/cairn/storetest"
)

func ExampleInbox_Handle() {
	ctx := context.Background()
	store := storetest.NewReference() // a program opens a disk.Store, or dials a server
	defer store.Close()
	in, err := inbox.Open(ctx, store, "billing", inbox.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	message := delivery("order-1-placed", "total 10")
	for range 3 { // a broker may deliver it as often as it likes
		err := in.Handle(ctx, message, func(_ context.Context, d broker.Delivery) (cairn.Batch, error) {
			return cairn.Batch{Writes: []cairn.Write{{
				Stream: "invoice-1", Expected: cairn.Any,
				Events: []cairn.Event{{Type: "invoice.drafted", Data: d.Event.Data()}},
			}}}, nil
		})
		fmt.Println(err)
	}
	for e, err := range store.ReadStream(ctx, "invoice-1", cairn.ReadOptions{}) {
		fmt.Println(e.Type, err)
	}
	// Output:
	// <nil>
	// <nil>
	// <nil>
	// invoice.drafted <nil>
}

func ExampleInbox_Once() {
	ctx := context.Background()
	store := storetest.NewReference()
	defer store.Close()
	in, err := inbox.Open(ctx, store, "payments", inbox.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	pay := func(context.Context) (cairn.Batch, error) {
		fmt.Println("paying")
		return cairn.Batch{Writes: []cairn.Write{{
			Stream: "account-1", Expected: cairn.Any, Events: []cairn.Event{{Type: "money.paid"}},
		}}}, nil
	}
	request := inbox.Arrival{Source: "customer-7", ID: "Idempotency-Key 42"}
	fmt.Println(in.Once(ctx, request, pay))
	fmt.Println(in.Once(ctx, request, pay))
	// Output:
	// paying
	// <nil>
	// <nil>
}
