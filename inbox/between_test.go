package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
	"github.com/cairndb/cairn/inbox"
)

// A between is a store in which something happens around a commit.
type between struct {
	cairn.Store
	before func()
	after  func(error) error
}

func (s *between) Commit(ctx context.Context, b cairn.Batch) (r cairn.BatchReceipt, err error) {
	if f := s.before; f != nil {
		s.before = nil
		f()
	}
	r, err = s.Store.Commit(ctx, b)
	if f := s.after; f != nil {
		s.after = nil
		err = f(err)
	}
	return r, err
}

// Another owner handles the message after this one has looked and before it
// commits.
func TestOvertaken(t *testing.T) {
	store, ctx := memory(t), context.Background()
	var c counters
	other := open(t, store, inbox.Options{})
	slow := &between{Store: store}
	in := open(t, slow, inbox.Options{Hooks: c.hooks()})
	slow.before = func() {
		if err := other.Handle(ctx, delivery("1", ""), invoice); err != nil {
			t.Error(err)
		}
	}
	if err := in.Handle(ctx, delivery("1", ""), invoice); err != nil {
		t.Fatal(err)
	}
	equal(t, "effects", effects(t, store), "map[invoice-1:1]")
	equal(t, "hooks", &c, "0 handled, 1 again, 0 different, 0 late")
}

// The answer to a commit is lost, once after it was stored and once before.
func TestUnknownOutcome(t *testing.T) {
	store, ctx := memory(t), context.Background()
	lossy := &between{Store: store}
	in := open(t, lossy, inbox.Options{})
	lossy.after = func(error) error { return cairn.ErrUnknownOutcome }
	for range 2 {
		if err := in.Handle(ctx, delivery("1", ""), invoice); err != nil && !errors.Is(err, cairn.ErrUnknownOutcome) {
			t.Fatal(err)
		}
	}
	equal(t, "effects", effects(t, store), "map[invoice-1:1]")

	ended, cancel := context.WithCancel(ctx)
	lossy.before = cancel
	if err := in.Handle(ended, delivery("2", ""), invoice); !errors.Is(err, context.Canceled) {
		t.Errorf("a commit that was called off said %v", err)
	}
	if err := in.Handle(ctx, delivery("2", ""), invoice); err != nil {
		t.Fatal(err)
	}
	equal(t, "effects", effects(t, store), "map[invoice-1:1 invoice-2:1]")
}

// What a handler has read changes before its batch is committed: it is asked
// again, and sees the change.
func TestConflictingHandlerIsAskedAgain(t *testing.T) {
	store, ctx := memory(t), context.Background()
	busy := &between{Store: store}
	in := open(t, busy, inbox.Options{Attempts: 3})
	calls := 0
	next := func(ctx context.Context, d broker.Delivery) (cairn.Batch, error) {
		calls++
		info, err := store.StreamInfo(ctx, "invoice-1")
		b := effect("invoice-1")
		b.Writes[0].Expected = info.Last
		return b, err
	}
	disturb := func() {
		if _, err := store.Append(ctx, "invoice-1", cairn.Any, cairn.Event{Type: "invoice.printed"}); err != nil {
			t.Error(err)
		}
	}
	busy.before = disturb
	if err := in.Handle(ctx, delivery("1", ""), next); err != nil {
		t.Fatal(err)
	}
	equal(t, "calls", calls, 2)
	equal(t, "effects", effects(t, store), "map[invoice-1:1]")

	always := func(ctx context.Context, d broker.Delivery) (cairn.Batch, error) {
		busy.before = disturb
		return next(ctx, d)
	}
	calls = 0
	if err := in.Handle(ctx, delivery("2", ""), always); !errors.Is(err, cairn.ErrConflict) {
		t.Errorf("a handler that always conflicts ended with %v", err)
	}
	equal(t, "calls", calls, 3)
	equal(t, "effects", effects(t, store), "map[invoice-1:1]")
}

// What a handler holds on to is not changed.
func TestTheBatchIsTheHandlers(t *testing.T) {
	store, ctx := memory(t), context.Background()
	in := open(t, store, inbox.Options{})
	mine := effect("invoice-1")
	mine.Writes = append(make([]cairn.Write, 0, 8), mine.Writes...)
	mine.Conditions = make([]cairn.Condition, 0, 8)
	for n := range 2 {
		err := in.Handle(ctx, delivery(fmt.Sprint(n), ""), func(context.Context, broker.Delivery) (cairn.Batch, error) { return mine, nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	equal(t, "the handler's batch has", fmt.Sprint(len(mine.Writes), mine.Writes[:2][1].Stream == "", mine.Conditions[:1][0].Query == nil), "1 true true")
}

// FuzzMark puts anything where a mark should be.
func FuzzMark(f *testing.F) {
	f.Add([]byte(`{"id":"1","sum":"00"}`))
	f.Add([]byte(`{"id":"1"}`))
	f.Add([]byte(`{"id":"1","sum":"zz"}`))
	f.Add([]byte(`[]`))
	ctx := context.Background()
	real := memory(f)
	if err := open(f, real, inbox.Options{}).Handle(ctx, delivery("1", ""), invoice); err != nil {
		f.Fatal(err)
	}
	marks, err := cairn.Collect(real.ReadStream(ctx, "$inbox-billing", cairn.ReadOptions{}))
	if err != nil || len(marks) != 1 {
		f.Fatal(marks, err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		store := memory(t)
		fake := cairn.Event{Type: marks[0].Type, Data: data, Tags: marks[0].Tags}
		if _, err := store.Append(ctx, marks[0].Stream, cairn.Any, fake); err != nil {
			t.Skip(err)
		}
		// Whatever it says, the message is not handled twice.
		_ = open(t, store, inbox.Options{}).Handle(ctx, delivery("1", ""), invoice)
		equal(t, "effects", len(effects(t, store)), 0)
	})
}
