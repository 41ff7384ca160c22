package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	cloudevents "github.com/cloudevents/sdk-go/v2/event"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/inbox"
)

// memory is a store for a test, by the engine that others use.
func memory(t testing.TB) cairn.Store {
	t.Helper()
	store, err := disk.OpenMemory(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func open(t testing.TB, store inbox.Store, o inbox.Options) *inbox.Inbox {
	t.Helper()
	in, err := inbox.Open(context.Background(), store, "billing", o)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// delivery is a message with an ID and some content.
func delivery(id, content string) broker.Delivery {
	e := cloudevents.New()
	e.SetSource("/shop")
	e.SetID(id)
	e.SetType("order.placed")
	if err := e.SetData("text/plain", []byte(content)); err != nil {
		panic(err)
	}
	return broker.Delivery{Message: broker.Message{Event: e}}
}

// invoice is a handler whose effect is an event in a stream of the message's.
func invoice(_ context.Context, d broker.Delivery) (cairn.Batch, error) {
	return effect("invoice-" + d.Event.ID()), nil
}

func effect(stream string) cairn.Batch {
	return cairn.Batch{Writes: []cairn.Write{{
		Stream: stream, Expected: cairn.Any, Events: []cairn.Event{{Type: "invoice.drafted"}},
	}}}
}

// effects counts those in each stream.
func effects(t testing.TB, store cairn.LogReader) map[string]int {
	t.Helper()
	n := map[string]int{}
	for e, err := range store.ReadAll(context.Background(), cairn.AllOptions{Query: cairn.ByType("invoice.drafted")}) {
		if err != nil {
			t.Fatal(err)
		}
		n[e.Stream]++
	}
	return n
}

func equal(t testing.TB, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s:\n got %s\nwant %s", what, g, w)
	}
}

// counters count what the hooks are told.
type counters struct{ handled, duplicate, mismatch, late atomic.Int64 }

func (c *counters) hooks() inbox.Hooks {
	return inbox.Hooks{
		OnHandled:   func(inbox.Arrival) { c.handled.Add(1) },
		OnDuplicate: func(inbox.Arrival) { c.duplicate.Add(1) },
		OnMismatch:  func(*inbox.MismatchError) { c.mismatch.Add(1) },
		OnLate:      func(*inbox.LateError) { c.late.Add(1) },
	}
}

func (c *counters) String() string {
	return fmt.Sprintf("%d handled, %d again, %d different, %d late", c.handled.Load(), c.duplicate.Load(), c.mismatch.Load(), c.late.Load())
}

func TestHandlesOnce(t *testing.T) {
	store, ctx := memory(t), context.Background()
	var c counters
	handle := open(t, store, inbox.Options{Hooks: c.hooks()}).Handler(invoice)
	for range 3 {
		for _, id := range []string{"1", "2"} {
			if err := handle(ctx, delivery(id, "")); err != nil {
				t.Fatal(err)
			}
		}
	}
	equal(t, "effects", effects(t, store), "map[invoice-1:1 invoice-2:1]")
	equal(t, "hooks", &c, "2 handled, 4 again, 0 different, 0 late")
}

// Another source may use the same ID, another inbox handles for itself.
func TestSourcesAndInboxesAreApart(t *testing.T) {
	store, ctx := memory(t), context.Background()
	d := delivery("1", "")
	other := delivery("1", "")
	other.Event.SetSource("/other")
	shifted := delivery("p1", "")
	shifted.Event.SetSource("/sho") // with the ID behind it, it reads the same
	in := open(t, store, inbox.Options{})
	for _, d := range []broker.Delivery{d, other, shifted} {
		if err := in.Handle(ctx, d, invoice); err != nil {
			t.Fatal(err)
		}
	}
	second, err := inbox.Open(ctx, store, "mailing", inbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Handle(ctx, d, invoice); err != nil {
		t.Fatal(err)
	}
	equal(t, "effects", effects(t, store), "map[invoice-1:3 invoice-p1:1]")
}

func TestFailedHandlerMarksNothing(t *testing.T) {
	store, ctx := memory(t), context.Background()
	in, broke := open(t, store, inbox.Options{}), errors.New("no ink")
	err := in.Handle(ctx, delivery("1", ""), func(context.Context, broker.Delivery) (cairn.Batch, error) {
		return effect("invoice-1"), broke
	})
	if err != broke {
		t.Errorf("the handler's error came back as %v", err)
	}
	func() {
		defer func() { recover() }()
		in.Handle(ctx, delivery("1", ""), func(context.Context, broker.Delivery) (cairn.Batch, error) { panic("no paper") })
		t.Error("a panic was swallowed")
	}()
	equal(t, "effects of failures", len(effects(t, store)), 0)
	if err := in.Handle(ctx, delivery("1", ""), invoice); err != nil {
		t.Fatal(err)
	}
	equal(t, "effects", effects(t, store), "map[invoice-1:1]")
}

func TestAnEmptyEffectIsMarkedToo(t *testing.T) {
	store, ctx := memory(t), context.Background()
	in, calls := open(t, store, inbox.Options{}), 0
	for range 2 {
		err := in.Handle(ctx, delivery("1", ""), func(context.Context, broker.Delivery) (cairn.Batch, error) {
			calls++
			return cairn.Batch{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "calls", calls, 1)
}

func TestSameIDOtherContent(t *testing.T) {
	store, ctx := memory(t), context.Background()
	var c counters
	in := open(t, store, inbox.Options{Hooks: c.hooks()})
	if err := in.Handle(ctx, delivery("1", "ten"), invoice); err != nil {
		t.Fatal(err)
	}
	err := in.Handle(ctx, delivery("1", "eleven"), invoice)
	var m *inbox.MismatchError
	if !errors.As(err, &m) || !errors.Is(err, inbox.ErrMismatch) || !errors.Is(err, broker.ErrRejected) {
		t.Fatalf("got %v", err)
	}
	if m.Handled != inbox.ArrivalOf(delivery("1", "ten")).Sum || m.Arrival.ID != "1" || time.Since(m.HandledTime) > time.Minute {
		t.Errorf("the facts are %+v", m)
	}
	lenient := open(t, store, inbox.Options{Hooks: c.hooks(), Rules: inbox.Rules{IgnoreMismatch: true}})
	if err := lenient.Handle(ctx, delivery("1", "eleven"), invoice); err != nil {
		t.Errorf("ignored: %v", err)
	}
	equal(t, "effects", effects(t, store), "map[invoice-1:1]")
	equal(t, "hooks", &c, "1 handled, 1 again, 2 different, 0 late")
}

func TestLateArrivals(t *testing.T) {
	store, ctx := memory(t), context.Background()
	var c counters
	old := delivery("1", "")
	old.Event.SetTime(time.Now().Add(-2 * time.Hour))
	strict := open(t, store, inbox.Options{Hooks: c.hooks(), Rules: inbox.Rules{Keep: time.Hour, RefuseLate: true}})
	err := strict.Handle(ctx, old, invoice)
	if !errors.Is(err, inbox.ErrLate) || !errors.Is(err, broker.ErrRejected) || !strings.Contains(err.Error(), "1h0m0s") {
		t.Errorf("got %v", err)
	}
	if err := strict.Handle(ctx, delivery("2", ""), invoice); err != nil {
		t.Errorf("without a time: %v", err)
	}
	if err := open(t, store, inbox.Options{Rules: inbox.Rules{Keep: time.Hour}}).Handle(ctx, old, invoice); err != nil {
		t.Errorf("where it is not refused: %v", err)
	}
	equal(t, "effects", effects(t, store), "map[invoice-1:1 invoice-2:1]")
	equal(t, "hooks", &c, "1 handled, 0 again, 0 different, 1 late")
}

func TestBadInputIsRefusedByName(t *testing.T) {
	store, ctx := memory(t), context.Background()
	in := open(t, store, inbox.Options{})
	for field, d := range map[string]broker.Delivery{
		"id": delivery(strings.Repeat("x", inbox.MaxName+1), ""), "id and source": delivery("a\xff", ""),
	} {
		err := in.Handle(ctx, d, invoice)
		refused(t, err, field)
		if !errors.Is(err, broker.ErrRejected) {
			t.Errorf("%s: a broker would deliver it for ever: %v", field, err)
		}
	}
	refused(t, in.Once(ctx, inbox.Arrival{}, nil), "id")
	refused(t, in.Once(ctx, inbox.Arrival{ID: "1", Source: strings.Repeat("x", inbox.MaxName+1)}, nil), "source")
	refused(t, in.Handle(ctx, delivery("1", ""), func(context.Context, broker.Delivery) (cairn.Batch, error) {
		return cairn.Batch{Key: "mine"}, nil
	}), "key")
	for field, o := range map[string]inbox.Options{
		"keep": {Rules: inbox.Rules{Keep: -1}}, "keep count": {KeepCount: -1}, "attempts": {Attempts: -1}, "sweep every": {SweepEvery: -1},
	} {
		_, err := inbox.Open(ctx, store, "billing", o)
		refused(t, err, field)
	}
	for _, name := range []string{"", strings.Repeat("x", inbox.MaxInboxName+1), "a\x00"} {
		_, err := inbox.Open(ctx, store, name, inbox.Options{})
		refused(t, err, "inbox")
	}
	info, err := store.Info(ctx)
	equal(t, "the store holds", fmt.Sprint(info.Head, err), "0 <nil>")
}

func refused(t *testing.T, err error, field string) {
	t.Helper()
	var invalid *cairn.InvalidError
	if !errors.As(err, &invalid) || invalid.Field != field {
		t.Errorf("want %q refused, got %v", field, err)
	}
}

// Marks are not among what an application reads.
func TestMarksAreOfTheSystem(t *testing.T) {
	store, ctx := memory(t), context.Background()
	if err := open(t, store, inbox.Options{}).Handle(ctx, delivery("1", ""), invoice); err != nil {
		t.Fatal(err)
	}
	seen, err := cairn.Collect(store.ReadAll(ctx, cairn.AllOptions{NoSystem: true}))
	if err != nil || len(seen) != 1 || seen[0].Stream != "invoice-1" {
		t.Errorf("an application sees %v, %v", seen, err)
	}
}

// Two owners get the same messages at the same time, each several times.
func TestTwoOwners(t *testing.T) {
	store, ctx := memory(t), context.Background()
	const messages, workers, rounds = 200, 4, 2
	var c counters
	var all sync.WaitGroup
	for owner := range 2 {
		in := open(t, store, inbox.Options{Hooks: c.hooks()})
		for w := range workers {
			all.Go(func() {
				for n := range messages * rounds {
					id := fmt.Sprint((n*(1+2*w) + owner) % messages) // in orders of their own
					if err := in.Handle(ctx, delivery(id, ""), invoice); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	got := effects(t, store)
	equal(t, "messages with an effect", len(got), messages)
	for stream, n := range got {
		if n != 1 {
			t.Errorf("%s has %d effects", stream, n)
		}
	}
	equal(t, "handled", c.handled.Load(), messages)
	equal(t, "handled or found", c.handled.Load()+c.duplicate.Load(), 2*workers*messages*rounds)
}
