package decider

import (
	"context"
	"slices"

	"github.com/cairndb/cairn"
)

// Results say what a decision over several streams has come to.
type Results[S any] struct {
	// States and Revisions belong to the streams, in the order in which these
	// were given: their states after the decision, and where they stand then.
	// If [Decider.Once] found the decision stored they are those of now.
	States    []S
	Revisions []cairn.Revision

	// Position is that of the last event; zero if there was none.
	Position cairn.Position
	// Duplicate reports that the decision had been stored before.
	Duplicate bool
	// Attempts is how often the decision was handed to the store.
	Attempts int
}

// Together is [Decider.Do] over several streams. The decision is given their
// states and returns the events for each, in the same order; or none at all. All
// events are stored in one batch, and only if all streams stand where they were
// read, those without events included.
//
// The states were read one after the other, so they need not fit together. What
// is stored, and what is refused, was decided on states that do: Together makes
// sure of it, and decides again if not. In between, a decision may see states
// that never were at the same time, and must bear that.
//
//	accounts.Together(ctx, []string{"account-1", "account-2"},
//		func(s []account.State) ([][]account.Event, error) {
//			if s[0].Balance < 100 {
//				return nil, account.ErrInsufficient
//			}
//			return [][]account.Event{{account.Withdrawn{100}}, {account.Deposited{100}}}, nil
//		})
//
// A stream that is given twice, or events for more or fewer streams than there
// are, is a [*cairn.InvalidError].
func (d *Decider[S, E]) Together(ctx context.Context, streams []string, decide func([]S) ([][]E, error)) (Results[S], error) {
	if err := distinct(streams); err != nil {
		return Results[S]{}, err
	}
	var views []view[S]
	o, err := d.settle(ctx, func(again bool) (p proposal, err error) {
		if views, err = d.loadAll(ctx, streams, again); err != nil {
			return p, err
		}
		return d.propose(ctx, streams, views, decide)
	})
	if err == nil && o.receipt.Duplicate && d.key != "" {
		views, err = d.loadAll(ctx, streams, false)
	}
	if err != nil && !o.refused {
		return Results[S]{Attempts: o.attempts}, err
	}
	for i, stream := range streams {
		d.save(ctx, stream, views[i])
	}
	return results(views, &o), err
}

func distinct(streams []string) error {
	for i, stream := range streams {
		if slices.Contains(streams[:i], stream) {
			return invalid("streams", "%q is given twice, but one decision has one state of it", stream)
		}
	}
	return nil
}

func results[S any](views []view[S], o *outcome) Results[S] {
	r := Results[S]{Position: o.receipt.Position, Duplicate: o.receipt.Duplicate, Attempts: o.attempts}
	for i := range views {
		r.States = append(r.States, views[i].state)
		r.Revisions = append(r.Revisions, views[i].expect)
	}
	return r
}

func (d *Decider[S, E]) loadAll(ctx context.Context, streams []string, careful bool) ([]view[S], error) {
	views := make([]view[S], len(streams))
	for i, stream := range streams {
		var err error
		if views[i], err = d.load(ctx, stream, careful); err != nil {
			return nil, err
		}
	}
	return views, nil
}

// propose decides, and makes a batch of the decision. The views then have the
// states and revisions after it.
func (d *Decider[S, E]) propose(ctx context.Context, streams []string, views []view[S], decide func([]S) ([][]E, error)) (proposal, error) {
	states := make([]S, len(views))
	for i := range views {
		states[i] = views[i].state
	}
	facts, refusal := decide(states)
	if refusal != nil || !slices.ContainsFunc(facts, func(f []E) bool { return len(f) > 0 }) {
		return proposal{unchanged(streams, views), refusal}, nil
	}
	if len(facts) != len(streams) {
		return proposal{}, invalid("decision", "it has events for %d streams, and there are %d", len(facts), len(streams))
	}
	b := cairn.Batch{Key: d.key, Conditions: slices.Clone(d.requires)}
	for i, stream := range streams {
		if err := d.addTo(ctx, &b, stream, &views[i], facts[i]); err != nil {
			return proposal{}, err
		}
	}
	return proposal{batch: b}, nil
}

// addTo adds to a batch what was decided about one stream.
func (d *Decider[S, E]) addTo(ctx context.Context, b *cairn.Batch, stream string, v *view[S], facts []E) error {
	if len(facts) == 0 {
		b.Conditions = append(b.Conditions, v.condition(stream))
		return nil
	}
	events, err := d.record(ctx, stream, v, facts)
	if err != nil {
		return err
	}
	b.Writes = append(b.Writes, cairn.Write{Stream: stream, Expected: v.expect, Events: events})
	v.expect += cairn.Revision(len(events))
	return nil
}

// unchanged is a batch that only makes sure that the streams still stand where
// they were read. One stream was read at one moment and needs none.
func unchanged[S any](streams []string, views []view[S]) (b cairn.Batch) {
	if len(streams) < 2 {
		return b
	}
	for i, stream := range streams {
		b.Conditions = append(b.Conditions, views[i].condition(stream))
	}
	return b
}

// condition is that the stream is as it was read.
func (v *view[S]) condition(stream string) cairn.Condition {
	if v.deleted {
		return cairn.StreamAt(stream, cairn.SoftDeleted)
	}
	return cairn.StreamAt(stream, v.expect)
}
