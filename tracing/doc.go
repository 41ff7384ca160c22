// Package tracing carries the context of a trace from the caller who appends an
// event to whoever reads it.
//
// A trace follows one request through many programs by handing on a few bytes,
// as https://www.w3.org/TR/trace-context says. An event is read by programs that
// nobody called, much later perhaps, so those bytes have to be stored with it.
// A store never changes the bytes of an event; a program that wants its events
// to carry them asks for it, with [Inject]:
//
//	store = tracing.Inject(store)
//	store.Append(ctx, "order-1", cairn.Any, e) // the metadata gets a "traceparent"
//
// A reader continues, or links to, the trace that the event was appended in:
//
//	ctx = trace.ContextWithRemoteSpanContext(ctx, tracing.ContextOf(&e.Event))
//
// What KurrentDB's clients store in its place is understood too.
package tracing
