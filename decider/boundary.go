package decider

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/cairndb/cairn"
)

// Boundary decides over the events that match a query, in whatever streams they
// are, and appends what follows to a stream, on condition that no further event
// matches the query by then. It begins again when one does.
//
// This keeps rules that no single stream can: that a course has room and its
// student has time, or that a name is free. The events must carry the tags that
// the queries name: see [codec.Tagged] and the options.
//
//	q := cairn.Query{{Tags: []string{"course:c1"}}, {Tags: []string{"student:s1"}}}
//	res, err := courses.Boundary(ctx, q, "enrolment-c1-s1", enrol("c1", "s1"))
//
// A filter of the query that names no types stands for those that the codec
// knows, so that the events of others are neither decided on nor in the way.
// Events are seen in the order of the log, also those that the metadata of their
// stream hides. Snapshots are not used.
//
// Results and errors are as for [Decider.Do], but that the stream is not looked
// at and may stand anywhere: the Revision is that of the last event stored, now
// or before, and [cairn.NoStream] if the decision had none.
func (d *Decider[S, E]) Boundary(ctx context.Context, q cairn.Query, stream string, decide func(S) ([]E, error)) (Result[S], error) {
	var v view[S]
	q = d.known(q)
	o, err := d.settle(ctx, func(bool) (p proposal, err error) {
		var at cairn.Position
		if v, at, err = d.foldAll(ctx, q); err != nil {
			return p, err
		}
		return d.within(ctx, cairn.NoneAfter(at, q), stream, &v, decide)
	})
	if err == nil && o.receipt.Duplicate && d.key != "" {
		v, _, err = d.foldAll(ctx, q)
	}
	if err != nil && !o.refused {
		return Result[S]{Attempts: o.attempts}, err
	}
	res := Result[S]{State: v.state, Attempts: o.attempts}
	res.Revision, res.Position, res.Duplicate = cairn.NoStream, o.receipt.Position, o.receipt.Duplicate
	if len(o.receipt.Revisions) > 0 {
		res.Revision = o.receipt.Revisions[0]
	}
	return res, err
}

// known narrows filters without types to the types that the codec knows.
func (d *Decider[S, E]) known(q cairn.Query) cairn.Query {
	if q == nil {
		return cairn.ByType(d.codec.Names()...)
	}
	q = slices.Clone(q)
	for i := range q {
		if q[i].Types == nil {
			q[i].Types = d.codec.Names()
		}
	}
	return q
}

// foldAll folds what matches a query, and returns the position of the last
// event that does. None after that one matches, as far as the read went.
func (d *Decider[S, E]) foldAll(ctx context.Context, q cairn.Query) (view[S], cairn.Position, error) {
	v, at := d.initial(), cairn.Position(0)
	for r, err := range d.store.ReadAll(ctx, cairn.AllOptions{Query: q}) {
		if err == nil {
			at, err = r.Position, d.add(&v, &r)
		}
		if err != nil {
			return v, 0, fmt.Errorf("decider: load by query: %w", err)
		}
	}
	return v, at, nil
}

// within decides, and makes a batch that keeps the boundary. Its key is what a
// repetition is recognised by: the stream may stand anywhere, so the IDs alone
// would not do, and the events may match the query themselves.
func (d *Decider[S, E]) within(ctx context.Context, still cairn.Condition, stream string, v *view[S], decide func(S) ([]E, error)) (proposal, error) {
	facts, refusal := decide(v.state)
	if refusal != nil || len(facts) == 0 {
		return proposal{refusal: refusal}, nil
	}
	events, err := d.record(ctx, stream, v, facts)
	if err != nil {
		return proposal{}, err
	}
	return proposal{batch: cairn.Batch{
		Writes:     []cairn.Write{{Stream: stream, Expected: cairn.Any, Events: events}},
		Conditions: append(slices.Clone(d.requires), still),
		Key:        cmp.Or(d.key, cairn.NewID().String()),
	}}, nil
}
