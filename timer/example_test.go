package timer_test

import (
	"context"
	"fmt"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/timer"
	"github.com/cairndb/cairn/timer/timertest"
)

// A reminder is set in the batch that places the order, and comes a day later.
func Example() {
	store, err := disk.OpenMemory(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer store.Close()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	clock := timertest.NewClock(time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC))
	done := make(chan error)
	go func() { done <- timer.Run(ctx, store, timer.Options{Clock: clock}) }()

	remind, err := timer.Set("reminder-7", clock.Now().Add(24*time.Hour), timer.Fire{
		Stream: "order-7",
		Event:  cairn.Event{Type: "order.payment-overdue"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	placed := cairn.Write{Stream: "order-7", Expected: cairn.NoStream, Events: []cairn.Event{{Type: "order.placed"}}}
	if _, err := store.Commit(ctx, cairn.Batch{Writes: []cairn.Write{placed, remind}}); err != nil {
		fmt.Println(err)
		return
	}

	clock.Advance(24 * time.Hour)
	for e, err := range store.ReadStream(ctx, "order-7", cairn.ReadOptions{Follow: true, Limit: 2}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(e.Type)
	}
	stop()
	<-done
	// Output:
	// order.placed
	// order.payment-overdue
}
