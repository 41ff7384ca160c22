// Command saga shows a process that spans services: an order is paid, packed and
// shipped, each by somebody else. Three orders are placed. The first goes through;
// the second is not paid in time; the third is paid and then out of stock, so its
// money goes back. The clock is turned by hand, so nobody has to wait for an hour.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/codec"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/group"
	"github.com/cairndb/cairn/saga"
	"github.com/cairndb/cairn/timer"
	"github.com/cairndb/cairn/timer/timertest"
)

// An Event is something that happened to an order, and what the saga reacts to.
type Event interface{ order() }

type (
	Placed     struct{ Total int } // a customer wants something
	Paid       struct{}            // the money is there
	Packed     struct{}            // it is ready to be shipped
	OutOfStock struct{}            // it cannot be had
	Refunded   struct{}            // the money is back
	Overdue    struct{}            // it was not paid in time
)

func (Placed) order()     {}
func (Paid) order()       {}
func (Packed) order()     {}
func (OutOfStock) order() {}
func (Refunded) order()   {}
func (Overdue) order()    {}

var events = codec.JSON(codec.Types[Event]{
	"order.placed": Placed{}, "order.paid": Paid{}, "order.packed": Packed{}, "order.out-of-stock": OutOfStock{},
	"order.refunded": Refunded{}, "order.payment-overdue": Overdue{},
})

// A Command is what the saga asks of others: an event in a stream that they read.
type Command interface{ command() }

type (
	RequestPayment struct{ Total int } // ask the customer for money
	Refund         struct{ Total int } // give it back
	Pack           struct{}            // take it from the shelf
	Ship           struct{}            // hand it to the carrier
)

func (RequestPayment) command() {}
func (Refund) command()         {}
func (Pack) command()           {}
func (Ship) command()           {}

var commands = codec.JSON(codec.Types[Command]{
	"payment.request": RequestPayment{}, "payment.refund": Refund{}, "stock.pack": Pack{}, "shipping.ship": Ship{},
})

// An Order is what the saga remembers of one.
type Order struct {
	Total int
	Paid  bool
}

// Evolve is what the saga remembers after one more event.
func (o Order) Evolve(e Event) Order {
	switch e := e.(type) {
	case Placed:
		o.Total = e.Total
	case Paid:
		o.Paid = true
	}
	return o
}

var orders = saga.Definition[Order, Event, Command]{
	Name: "orders", Events: events, Commands: commands,
	Correlate: func(_ Event, r *cairn.Recorded) string { return strings.TrimPrefix(r.Stream, "order-") },
	Starts:    func(e Event) bool { _, ok := e.(Placed); return ok },
	Evolve:    Order.Evolve,
	Decide:    decide,
}

// decide is the whole process.
func decide(now saga.Situation[Order], e Event) (d saga.Decision[Event, Command], err error) {
	switch e.(type) {
	case Placed:
		d.Send = saga.To[Command]("payments-"+now.ID, RequestPayment{now.State.Total})
		d.After = []saga.Timer[Event]{{Name: "payment", After: time.Hour, Event: Overdue{}}}
	case Paid:
		d.Cancel = []string{"payment"}
		d.Undo = saga.To[Command]("payments-"+now.ID, Refund{now.State.Total})
		d.Send = saga.To[Command]("stock-"+now.ID, Pack{})
	case Packed:
		d.Send, d.End = saga.To[Command]("shipping-"+now.ID, Ship{}), true
	case Overdue:
		d.Compensate, d.End = "it was not paid in time", true // there is nothing to undo yet
	case OutOfStock:
		d.Compensate = "it is out of stock"
	case Refunded:
		d.End = true
	}
	return d, nil
}

// answer is what others do about commands: the customer of order 2 does not pay, and
// what order 3 is about is out of stock.
func answer(_ context.Context, r cairn.Recorded) (b cairn.Batch, err error) {
	id := r.Stream[strings.Index(r.Stream, "-")+1:]
	var e Event
	switch {
	case r.Type == "payment.request" && id != "2":
		e = Paid{}
	case r.Type == "payment.refund":
		e = Refunded{}
	case r.Type == "stock.pack" && id != "3":
		e = Packed{}
	case r.Type == "stock.pack":
		e = OutOfStock{}
	default:
		return b, nil
	}
	b.Writes, err = write(id, e)
	return b, err
}

func write(id string, e Event) ([]cairn.Write, error) {
	out, err := events.Encode(e)
	return []cairn.Write{{Stream: "order-" + id, Expected: cairn.Any, Events: []cairn.Event{out}}}, err
}

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "saga:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	store, err := disk.OpenMemory(nil) // a program opens a directory, or dials a server
	if err != nil {
		return err
	}
	defer store.Close()
	clock := timertest.NewClock(time.Date(2026, 1, 1, 9, 0, 0, 0, time.UTC)) // a program has none: that is the system's
	ctx, stop := context.WithCancelCause(ctx)
	var all sync.WaitGroup
	for _, part := range []func() error{
		func() error { return saga.Run(ctx, store, orders, saga.Options{Clock: clock}) },
		func() error { return timer.Run(ctx, store, timer.Options{Clock: clock}) },
		func() error {
			return group.RunTx(ctx, store, "others", group.Options{Query: cairn.ByCategory("payments", "stock")}, answer)
		},
	} {
		all.Go(func() { stop(part()) })
	}
	err = play(ctx, store, clock, out)
	stop(errDone)
	all.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, errDone) {
		return cause
	}
	return err
}

var errDone = errors.New("the story is over")

// play places orders, lets an hour pass and tells what became of them.
func play(ctx context.Context, store cairn.Store, clock *timertest.Clock, out io.Writer) error {
	for _, id := range []string{"1", "2", "3"} {
		w, err := write(id, Placed{12})
		if err == nil {
			_, err = store.Commit(ctx, cairn.Batch{Writes: w})
		}
		if err != nil {
			return err
		}
	}
	if err := await(ctx, store, map[string]int{"1": 3, "2": 1, "3": 4}); err != nil {
		return err
	}
	clock.Advance(time.Hour)
	if err := await(ctx, store, map[string]int{"2": 2}); err != nil {
		return err
	}
	for _, id := range []string{"1", "2", "3"} {
		if err := tell(ctx, store, id, out); err != nil {
			return err
		}
	}
	return nil
}

// await waits until instances have made so many steps.
func await(ctx context.Context, store cairn.LogReader, steps map[string]int) error {
	made := map[string]int{}
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{Query: cairn.ByCategory("saga"), Follow: true}) {
		if err != nil {
			return err
		}
		id, there := strings.TrimPrefix(e.Stream, "saga-orders-"), true
		made[id]++
		for id, n := range steps {
			there = there && made[id] >= n
		}
		if there {
			return nil
		}
	}
	return nil
}

// tell prints an instance, as its history has it.
func tell(ctx context.Context, store saga.Store, id string, out io.Writer) error {
	in, err := saga.Get(ctx, store, "orders", id)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "order %s has %s\n", id, in.Status)
	for _, s := range in.Steps {
		fmt.Fprintf(out, "  %s\n", s.Cause.Type)
		if s.Reason != "" {
			fmt.Fprintf(out, "    goes back, because %s\n", s.Reason)
		}
		for i, m := range s.Sent {
			what := "sends"
			if i < s.Undone {
				what = "undoes with"
			}
			fmt.Fprintf(out, "    %s %s\n", what, m.Type)
		}
		for _, w := range s.Set {
			fmt.Fprintf(out, "    waits until %s\n", w.Due.Format(time.TimeOnly))
		}
	}
	return nil
}
