package telemetry

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/tracing"
)

// readMetrics are about reads, by what is read: a stream, the whole log, or
// what of it a query selects.
type readMetrics struct {
	stream, log, query *readKind
	vectors            []prometheus.Collector
}

// readKind are the metrics of one kind of read.
type readKind struct {
	name          string
	first, whole  prometheus.Observer
	events, bytes prometheus.Counter
}

func newReadMetrics() *readMetrics {
	first := histogram("read_first_event_duration_seconds", "Time until a read had its first event, or none. Without followers.", seconds, "kind")
	whole := histogram("read_duration_seconds", "Time a read took, with what its reader did meanwhile. Without followers.", seconds, "kind")
	events := counter("read_events_total", "Events read, by followers too.", "kind")
	bytes := counter("read_bytes_total", "Bytes of data and metadata read, by followers too.", "kind")
	kind := func(name string) *readKind {
		return &readKind{name, first.WithLabelValues(name), whole.WithLabelValues(name), events.WithLabelValues(name), bytes.WithLabelValues(name)}
	}
	return &readMetrics{
		stream: kind("stream"), log: kind("log"), query: kind("query"),
		vectors: []prometheus.Collector{first, whole, events, bytes},
	}
}

func (m *readMetrics) all() []prometheus.Collector { return m.vectors }

func (o observed) ReadStream(ctx context.Context, stream string, opts cairn.ReadOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		r := reading{in: o.in, kind: o.in.reads.stream, yield: yield}
		ctx := r.begin(ctx, opts.Follow, attribute.String("cairn.stream", stream))
		defer r.end()
		if f := r.follower; f != nil {
			told := opts.CaughtUp
			opts.CaughtUp = func(at cairn.Revision) {
				r.flush()
				f.idle.Store(true)
				if told != nil {
					told(at)
				}
			}
		}
		r.run(o.Store.ReadStream(ctx, stream, opts))
	}
}

func (o observed) ReadAll(ctx context.Context, opts cairn.AllOptions) iter.Seq2[cairn.Recorded, error] {
	return func(yield func(cairn.Recorded, error) bool) {
		r := reading{in: o.in, kind: o.in.reads.log, yield: yield}
		if opts.Query != nil || opts.NoSystem {
			r.kind = o.in.reads.query
		}
		ctx := r.begin(ctx, opts.Follow, attribute.Int64("cairn.after", int64(opts.After)))
		defer r.end()
		if r.follower != nil {
			r.follower.at.Store(uint64(opts.After))
			r.listen(&opts)
		}
		r.run(o.Store.ReadAll(ctx, opts))
	}
}

// A reading is one run of an iterator.
type reading struct {
	in       *Instruments
	kind     *readKind
	yield    func(cairn.Recorded, error) bool
	began    time.Time
	span     trace.Span // nil if nothing is traced
	follower *follower  // nil if it does not follow

	events, bytes int // not counted yet
	total         int
	any           bool // something was yielded
}

// countEvery is how many events a reading counts at once, because adding to a
// counter that others add to costs more than the rest.
const countEvery = 256

func (r *reading) begin(ctx context.Context, follow bool, about attribute.KeyValue) context.Context {
	if follow {
		r.follower = r.in.followers.join(r.kind.name)
	} else {
		r.began = time.Now()
	}
	if r.in.tracer != nil {
		ctx, r.span = r.in.begin(ctx, "read", attribute.String("cairn.kind", r.kind.name), attribute.Bool("cairn.follow", follow), about)
	}
	return ctx
}

// run hands what is read to the loop's body.
func (r *reading) run(seq iter.Seq2[cairn.Recorded, error]) {
	linked := r.span != nil && r.follower != nil
	seq(func(e cairn.Recorded, err error) bool { // each call less is a copy of the event less
		r.note(&e, err)
		if linked && err == nil {
			return r.deliver(&e)
		}
		return r.yield(e, err)
	})
}

// note counts an event, or the error that ends the reading.
func (r *reading) note(e *cairn.Recorded, err error) {
	if !r.any {
		r.first()
	}
	if err != nil {
		r.fail(err)
		return
	}
	r.bytes += len(e.Data) + len(e.Metadata)
	if r.events++; r.events == countEvery {
		r.flush()
	}
	if r.follower != nil {
		r.follower.deliver(e.Position)
	}
}

func (r *reading) first() {
	r.any = true
	if r.follower == nil {
		r.kind.first.Observe(time.Since(r.began).Seconds())
	}
}

// fail counts an error, unless it only says that the reader or the store has
// enough.
func (r *reading) fail(err error) {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, cairn.ErrClosed) {
		return
	}
	r.in.refused(r.span, "read", err)
}

// deliver hands over an event within a span that is linked to the one that the
// event was appended in. Events that were appended outside a sampled trace are
// handed over without.
func (r *reading) deliver(e *cairn.Recorded) bool {
	appended := tracing.ContextOf(&e.Event)
	if !appended.IsSampled() {
		return r.yield(*e, nil)
	}
	_, span := r.in.tracer.Start(context.Background(), "cairn deliver",
		trace.WithSpanKind(trace.SpanKindConsumer),
		trace.WithLinks(trace.Link{SpanContext: appended}, trace.Link{SpanContext: r.span.SpanContext()}),
		trace.WithAttributes(attribute.String("cairn.stream", e.Stream), attribute.String("cairn.type", e.Type),
			attribute.Int64("cairn.revision", int64(e.Revision)), position(e.Position)))
	defer span.End()
	return r.yield(*e, nil)
}

// listen finds out how far a follower of the log has come without an event.
// What it is told depends on what it asks to be told, so nothing is asked for
// that its reader did not ask for, unless that was nothing at all.
func (r *reading) listen(o *cairn.AllOptions) {
	r.follower.at.Store(uint64(o.After))
	if o.CaughtUp != nil || o.Progress == nil {
		o.CaughtUp = r.caughtUp(o.CaughtUp, o.Query != nil || o.NoSystem)
	}
	if o.Progress != nil {
		o.Progress = r.passing(o.Progress)
	}
}

// caughtUp is told that a follower has everything and waits. One that selects
// is not told of what it does not select, and so is idle until it is told of more.
func (r *reading) caughtUp(told func(cairn.Position), selects bool) func(cairn.Position) {
	pass := r.passing(told)
	return func(p cairn.Position) {
		r.follower.idle.Store(selects)
		pass(p)
	}
}

// passing is told how far a follower has come without an event.
func (r *reading) passing(told func(cairn.Position)) func(cairn.Position) {
	return func(p cairn.Position) {
		r.flush()
		r.follower.at.Store(uint64(p))
		if told != nil {
			told(p)
		}
	}
}

// flush counts what was read.
func (r *reading) flush() {
	if r.events > 0 {
		r.kind.events.Add(float64(r.events))
		r.kind.bytes.Add(float64(r.bytes))
		r.total += r.events
		r.events, r.bytes = 0, 0
	}
}

func (r *reading) end() {
	r.flush()
	if r.follower != nil {
		r.in.followers.leave(r.follower)
	} else {
		if !r.any {
			r.first()
		}
		r.kind.whole.Observe(time.Since(r.began).Seconds())
	}
	if r.span != nil {
		r.span.SetAttributes(attribute.Int("cairn.events", r.total))
		r.span.End()
	}
}
