package decider

import (
	"context"

	"github.com/cairndb/cairn"
)

// Plan is [Decider.Do] for those who commit the decision themselves, together with
// what else belongs to it: a mark in an inbox, the progress of a group, timers. It
// returns the write that would store the decision, which expects the stream to
// stand where it was read, and the state after it. If somebody else is first the
// commit is a conflict, and whoever commits plans again.
//
//	in.Handler(func(ctx context.Context, d broker.Delivery) (b cairn.Batch, err error) {
//		w, _, err := payments.Plan(decider.CausedBy(ctx, broker.CauseOf(d)), "payment-7", payment.Charge(12))
//		return cairn.Batch{Writes: []cairn.Write{w}}, err
//	})
//
// A decision without events is a write without events, which only makes sure that
// the stream still stands there. An error of decide is returned as it is, with the
// state that was decided on. The conditions of [Decider.Requiring] and the key of
// [Decider.Once] are of no account here: they belong to a batch.
func (d *Decider[S, E]) Plan(ctx context.Context, stream string, decide func(S) ([]E, error)) (cairn.Write, S, error) {
	w := cairn.Write{Stream: stream}
	v, err := d.load(ctx, stream, true) // who plans again after a conflict must not find the same one
	if err != nil {
		return w, d.options.Initial(), err
	}
	d.save(ctx, stream, v)
	w.Expected = v.expect
	before := v.state
	facts, err := decide(before)
	if err == nil {
		w.Events, err = d.record(ctx, stream, &v, facts)
	}
	if err != nil {
		return w, before, err
	}
	return w, v.state, nil
}
