package group

import (
	"context"
	"runtime/debug"

	"github.com/cairndb/cairn"
)

// Run takes part in a group until ctx ends: it handles its share of the events,
// those of one key one after the other and those of different keys side by side.
// The group is created if nobody has run it yet.
//
// The outcome is what handle returns. Nil settles the event. An error has it
// tried again after a while, and parked when its attempts are spent; [Park],
// [RetryAfter] and [Skip] say otherwise, and a panic is an error too. Events are
// handled at least once: after a crash, those settled since the last checkpoint
// are handled again. What handle is given shares its bytes with further
// attempts, so it must not change them.
//
// When ctx ends the handlers' context does too. Run waits for them, writes down
// what is settled, releases its partitions, and returns the cause. An error that
// a handler returns then does not count. Run also ends with the first error of
// the store: what the store can wait out it has waited out by then.
func Run(ctx context.Context, store Store, name string, o Options, handle func(context.Context, cairn.Recorded) error) error {
	m, err := join(ctx, store, name, o)
	if err != nil {
		return err
	}
	return m.run(ctx, m.o.Workers, func(ctx context.Context) error {
		return m.attend(ctx, func(ctx context.Context, e cairn.Recorded) (cairn.Batch, error) {
			return cairn.Batch{}, handle(ctx, e)
		})
	})
}

// RunTx is Run for handlers whose effect is in the store itself: what handle
// returns is committed together with the settling of the event, in one batch, so
// it is stored exactly once, and never by a member that has lost the event.
//
//	group.RunTx(ctx, store, "shipping", group.Options{Query: cairn.ByType("order.paid")},
//		func(ctx context.Context, e cairn.Recorded) (cairn.Batch, error) {
//			return cairn.Batch{Writes: []cairn.Write{{
//				Stream: "shipment-" + cairn.Category(e.Stream), Expected: cairn.Any,
//				Events: []cairn.Event{{Type: "shipment.requested", Data: e.Data}},
//			}}}, nil
//		})
//
// If an expectation or condition of the batch does not hold, the event is handled
// again, soon, so that handle sees what has changed; only many conflicts in a row
// count as a failed attempt. A batch that the store refuses otherwise is a
// failed attempt. The batch must not have a key: it is stored once without.
//
// A value is returned, rather than collected in an argument with methods or
// handed to a commit function, because then nothing can be written behind the
// batch's back or after the handler has returned, a handler can be tested by
// calling it, and forgetting to commit does not compile.
func RunTx(ctx context.Context, store Store, name string, o Options, handle func(context.Context, cairn.Recorded) (cairn.Batch, error)) error {
	m, err := join(ctx, store, name, o)
	if err != nil {
		return err
	}
	return m.run(ctx, m.o.Workers, func(ctx context.Context) error { return m.attend(ctx, handle) })
}

// attend handles events until the machine stops.
func (m *member) attend(ctx context.Context, handle func(context.Context, cairn.Recorded) (cairn.Batch, error)) error {
	for t := m.take(); t != nil; t = m.take() {
		if err := t.fetch(ctx, m.store); err != nil {
			m.finish(t, outcome{abandoned: true})
			return err
		}
		var o outcome
		if t.event != nil { // else it is no longer in the log
			o = attempt(ctx, *t.event, handle)
		}
		m.finish(t, o) // if it is lost, another member handles the event
	}
	return nil
}

// attempt is one call of a handler.
func attempt(ctx context.Context, e cairn.Recorded, handle func(context.Context, cairn.Recorded) (cairn.Batch, error)) (o outcome) {
	defer func() {
		if v := recover(); v != nil {
			o = outcome{err: &PanicError{Value: v, Stack: debug.Stack()}}
		}
		o.abandoned = o.err != nil && ctx.Err() != nil
	}()
	b, err := handle(ctx, e)
	if err == nil && len(b.Writes)+len(b.Conditions)+len(b.Key) > 0 {
		o.batch, err = prepare(b)
	}
	o.err = err
	return o
}

// prepare checks a handler's batch, and gives its events IDs, so that it can be
// committed again if the answer is lost.
func prepare(b cairn.Batch) (*cairn.Batch, error) {
	if b.Key != "" {
		return nil, &cairn.InvalidError{Field: "key", Problem: "a handler's batch must not have one; it is stored once without"}
	}
	if err := b.Validate(); err != nil {
		return nil, err
	}
	b.Writes = append([]cairn.Write(nil), b.Writes...)
	for i := range b.Writes {
		w := &b.Writes[i]
		w.Events = append([]cairn.Event(nil), w.Events...)
		for j := range w.Events {
			if w.Events[j].ID.IsZero() {
				w.Events[j].ID = cairn.NewID()
			}
		}
	}
	return &b, nil
}
