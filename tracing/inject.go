package tracing

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/cairndb/cairn"
)

// Inject returns a store that appends to s, and adds to the metadata of each
// event the span in the caller's context, if that is sampled: as "traceparent",
// and "tracestate" where there is one. Empty metadata becomes a JSON object.
//
// Left alone is metadata that is not a JSON object, or holds one of them
// already; an event of the system's; and one that would become too large. The
// caller's events are not changed. All else is s itself, also what it offers
// besides a store: [cairn.BulkCommitter] and [cairn.Ranker].
func Inject(s cairn.Store) cairn.Store {
	i := injecting{s}
	bulk, bulks := s.(cairn.BulkCommitter)
	ranker, ranks := s.(cairn.Ranker)
	switch {
	case bulks && ranks:
		return struct {
			injecting
			injectingBulk
			cairn.Ranker
		}{i, injectingBulk{bulk}, ranker}
	case bulks:
		return struct {
			injecting
			injectingBulk
		}{i, injectingBulk{bulk}}
	case ranks:
		return struct {
			injecting
			cairn.Ranker
		}{i, ranker}
	}
	return i
}

type injecting struct{ cairn.Store }

func (i injecting) Append(ctx context.Context, stream string, expected cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	if parent, state, ok := current(ctx); ok {
		events = stampAll(events, parent, state)
	}
	return i.Store.Append(ctx, stream, expected, events...)
}

func (i injecting) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	if parent, state, ok := current(ctx); ok {
		b = stampBatch(b, parent, state)
	}
	return i.Store.Commit(ctx, b)
}

type injectingBulk struct{ to cairn.BulkCommitter }

func (i injectingBulk) CommitEach(ctx context.Context, batches []cairn.Batch) []cairn.Outcome {
	if parent, state, ok := current(ctx); ok {
		batches = slices.Clone(batches)
		for n := range batches {
			batches[n] = stampBatch(batches[n], parent, state)
		}
	}
	return i.to.CommitEach(ctx, batches)
}

// current is the span in a context, in the W3C's form, if it is sampled.
func current(ctx context.Context) (parent, state string, ok bool) {
	if !trace.SpanContextFromContext(ctx).IsSampled() {
		return "", "", false
	}
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(ctx, carrier)
	return carrier[KeyParent], carrier[KeyState], carrier[KeyParent] != ""
}

func stampBatch(b cairn.Batch, parent, state string) cairn.Batch {
	b.Writes = slices.Clone(b.Writes)
	for n := range b.Writes {
		b.Writes[n].Events = stampAll(b.Writes[n].Events, parent, state)
	}
	return b
}

func stampAll(events []cairn.Event, parent, state string) []cairn.Event {
	events = slices.Clone(events)
	for n := range events {
		events[n].Metadata = stamp(&events[n], parent, state)
	}
	return events
}
