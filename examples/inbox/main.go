// Command inbox shows a message that arrives several times and has its effect
// once. A shop says on a broker which orders were placed, and says some things
// twice; the broker delivers again whatever was not acknowledged. Billing writes
// one invoice for each order, because the inbox stores the mark that a message
// was handled in the same batch as the invoice.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/inbox"
)

// There are so many orders, and so many messages about them.
const (
	orders   = 5
	messages = 2*orders + 1
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "inbox:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	queue := broker.NewMemory(broker.MemoryOptions{})
	if err := place(ctx, queue.Publisher()); err != nil {
		return err
	}
	store, err := disk.OpenMemory(nil) // a program opens a directory, or dials a server
	if err != nil {
		return err
	}
	defer store.Close()
	if err := bill(ctx, store, queue, out); err != nil {
		return err
	}
	return count(ctx, store, out)
}

// place says that orders were placed, each twice, as a shop does that was
// restarted between publishing and noting that it has. The third order is said a
// third time with another total: somebody has given its ID away again.
func place(ctx context.Context, p broker.Publisher) error {
	for range 2 {
		for n := range orders {
			if err := p.Publish(ctx, placed(n+1, 10*(n+1))); err != nil {
				return err
			}
		}
	}
	return p.Publish(ctx, placed(3, 9999))
}

func placed(order, total int) broker.Message {
	e := cloudevents.New()
	e.SetID(fmt.Sprintf("order-%d-placed", order))
	e.SetSource("/shop")
	e.SetType("order.placed")
	e.SetSubject(fmt.Sprintf("order-%d", order))
	if err := e.SetData("application/json", map[string]int{"total": total}); err != nil {
		panic(err) // a map of numbers always is JSON
	}
	return broker.Message{Event: e, Topic: "orders", Key: e.Subject()}
}

// bill subscribes until the broker has nothing left.
func bill(ctx context.Context, store cairn.Store, queue *broker.Memory, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var arrived, again, settled int // by one worker
	in, err := inbox.Open(ctx, store, "billing", inbox.Options{Hooks: inbox.Hooks{
		OnDuplicate: func(inbox.Arrival) { again++ },
	}})
	if err != nil {
		return err
	}
	settle := func() {
		if settled++; settled == messages {
			stop()
		}
	}
	subscription := broker.MemorySubscription{Name: "billing", Sink: func(_ context.Context, l broker.Letter) error {
		if e, ok := errors.AsType[*inbox.MismatchError](l.Err); ok {
			fmt.Fprintln(out, "a dead letter:", e.Arrival.ID, "was said before, with other content")
		}
		settle()
		return nil
	}}
	handle := in.Handler(invoice)
	err = queue.Subscriber("orders", subscription).Subscribe(ctx, func(ctx context.Context, d broker.Delivery) error {
		arrived++
		err := handle(ctx, d)
		if err == nil && arrived == 1 {
			return errors.New("the acknowledgement was lost") // so the broker delivers again
		}
		if err == nil {
			settle()
		}
		return err
	})
	fmt.Fprintf(out, "%d deliveries of %d messages, %d of something that was handled before\n", arrived, messages, again)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// invoice is what billing does about an order. It only says what is to be
// stored; the inbox stores it, once.
func invoice(_ context.Context, d broker.Delivery) (cairn.Batch, error) {
	return cairn.Batch{Writes: []cairn.Write{{
		Stream: "invoice-of-" + d.Event.Subject(), Expected: cairn.Any,
		Events: []cairn.Event{{Type: "invoice.drafted", Data: d.Event.Data()}},
	}}}, nil
}

// count shows the invoices.
func count(ctx context.Context, store cairn.LogReader, out io.Writer) error {
	for e, err := range store.ReadAll(ctx, cairn.AllOptions{Query: cairn.ByType("invoice.drafted")}) {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: %s\n", e.Stream, e.Data)
	}
	return nil
}
