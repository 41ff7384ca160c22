package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/cairndb/cairn"
)

// Observe returns the store with its writes, reads and followers measured, and
// traced where the instruments have a tracer. It behaves as the store does and
// offers what it offers besides: [cairn.BulkCommitter] and [cairn.Ranker]. The
// head, the groups and the projections of the store observed last are those that the
// metrics show.
func (in *Instruments) Observe(s cairn.Store) cairn.Store {
	in.followers.watch(s)
	in.watchGroups(s)
	o := observed{s, in}
	bulk, bulks := s.(cairn.BulkCommitter)
	ranker, ranks := s.(cairn.Ranker)
	switch {
	case bulks && ranks:
		return struct {
			observed
			observedBulk
			cairn.Ranker
		}{o, observedBulk{bulk, in}, ranker}
	case bulks:
		return struct {
			observed
			observedBulk
		}{o, observedBulk{bulk, in}}
	case ranks:
		return struct {
			observed
			cairn.Ranker
		}{o, ranker}
	}
	return o
}

// observed is a store that is measured. Its Info, StreamInfo and Close are the
// store's own.
type observed struct {
	cairn.Store
	in *Instruments
}

func (o observed) Append(ctx context.Context, stream string, expected cairn.Revision, events ...cairn.Event) (cairn.Receipt, error) {
	var span trace.Span
	if o.in.tracer != nil {
		ctx, span = o.in.begin(ctx, "append", attribute.String("cairn.stream", stream), attribute.Int("cairn.events", len(events)))
		defer span.End()
	}
	begin := time.Now()
	r, err := o.Store.Append(ctx, stream, expected, events...)
	o.in.writes.append.Observe(time.Since(begin).Seconds())
	if err != nil {
		o.in.refused(span, "append", err)
		return r, err
	}
	o.in.writes.stored(len(events), eventBytes(events), r.Duplicate)
	if span != nil {
		span.SetAttributes(attribute.Int64("cairn.revision", int64(r.Revision)), position(r.Position), attribute.Bool("cairn.duplicate", r.Duplicate))
	}
	return r, nil
}

func (o observed) Commit(ctx context.Context, b cairn.Batch) (cairn.BatchReceipt, error) {
	var span trace.Span
	if o.in.tracer != nil {
		ctx, span = o.in.begin(ctx, "commit", attribute.Int("cairn.writes", len(b.Writes)), attribute.Int("cairn.conditions", len(b.Conditions)))
		defer span.End()
	}
	begin := time.Now()
	r, err := o.Store.Commit(ctx, b)
	o.in.writes.commit.Observe(time.Since(begin).Seconds())
	if err != nil {
		o.in.refused(span, "commit", err)
		return r, err
	}
	events, bytes := size(&b)
	o.in.writes.stored(events, bytes, r.Duplicate)
	if span != nil {
		span.SetAttributes(attribute.Int("cairn.events", events), position(r.Position), attribute.Bool("cairn.duplicate", r.Duplicate))
	}
	return r, nil
}

// observedBulk is the part of a store that commits many batches at once.
type observedBulk struct {
	to cairn.BulkCommitter
	in *Instruments
}

func (o observedBulk) CommitEach(ctx context.Context, batches []cairn.Batch) []cairn.Outcome {
	var span trace.Span
	if o.in.tracer != nil {
		ctx, span = o.in.begin(ctx, "commit_each", attribute.Int("cairn.batches", len(batches)))
		defer span.End()
	}
	begin := time.Now()
	outcomes := o.to.CommitEach(ctx, batches)
	o.in.each(span, batches, outcomes, time.Since(begin).Seconds())
	return outcomes
}

// each measures every batch, because somebody waited so long for each.
func (in *Instruments) each(span trace.Span, batches []cairn.Batch, outcomes []cairn.Outcome, took float64) {
	var events, bytes int
	for i := range outcomes {
		in.writes.each.Observe(took)
		switch o := &outcomes[i]; {
		case o.Err != nil:
			in.refused(span, "commit_each", o.Err)
		case o.Duplicate:
			in.writes.duplicates.Inc()
		default:
			e, b := size(&batches[i])
			events, bytes = events+e, bytes+b
		}
	}
	in.writes.stored(events, bytes, false)
	if span != nil {
		span.SetAttributes(attribute.Int("cairn.events", events))
	}
}

// refused counts an error, and tells the span: as its status if the server is
// in trouble. A conflict is an answer like others.
func (in *Instruments) refused(span trace.Span, operation string, err error) {
	kind := in.failed(operation, err)
	if span == nil {
		return
	}
	span.SetAttributes(attribute.String("error.type", kind))
	if troubles(kind) {
		span.SetStatus(codes.Error, err.Error())
	}
}

// begin starts the span of an operation of the store. Only with a tracer.
func (in *Instruments) begin(ctx context.Context, operation string, about ...attribute.KeyValue) (context.Context, trace.Span) {
	return in.tracer.Start(ctx, "cairn "+operation, trace.WithAttributes(about...))
}

func position(p cairn.Position) attribute.KeyValue {
	return attribute.Int64("cairn.position", int64(p))
}
