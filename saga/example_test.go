package saga_test

import (
	"context"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/saga"
)

// What is to be moved from one account to another.
type transfer struct{ From, To string }

// A withdrawal or deposit is asked for, or done.
type (
	withdrawn struct{}
	withdraw  struct{}
	deposit   struct{}
)

// Money is taken from one account, and then put into another.
func Example() {
	transfers := saga.Definition[transfer, any, any]{
		Name:      "transfers",
		Events:    codec.JSON(codec.Types[any]{"transfer.requested": transfer{}, "account.withdrawn": withdrawn{}}),
		Commands:  codec.JSON(codec.Types[any]{"withdraw": withdraw{}, "deposit": deposit{}}),
		Correlate: func(_ any, r *cairn.Recorded) string { return r.Stream[len("transfer-"):] },
		Starts:    func(e any) bool { _, ok := e.(transfer); return ok },
		Evolve: func(s transfer, e any) transfer {
			if t, ok := e.(transfer); ok {
				return t
			}
			return s
		},
		Decide: func(now saga.Situation[transfer], e any) (d saga.Decision[any, any], err error) {
			switch e.(type) {
			case transfer:
				d.Send = saga.To[any]("requests-"+now.State.From, withdraw{})
			case withdrawn:
				d.Send, d.End = saga.To[any]("requests-"+now.State.To, deposit{}), true
			}
			return d, nil
		},
	}

	store, err := disk.OpenMemory(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	done := make(chan error)
	go func() { done <- saga.Run(ctx, store, transfers, saga.Options{}) }()

	_, err = store.Append(ctx, "transfer-1", cairn.NoStream,
		cairn.Event{Type: "transfer.requested", Data: []byte(`{"From":"ann","To":"bob"}`)}, cairn.Event{Type: "account.withdrawn"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{Query: cairn.ByCategory("requests"), Follow: true, Limit: 2}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(e.Stream, e.Type)
	}
	stop()
	<-done
	// Output:
	// requests-ann withdraw
	// requests-bob deposit
}
