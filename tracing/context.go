package tracing

import (
	"bytes"
	"context"
	"encoding/json"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/cairndb/cairn"
)

// The keys of an event's metadata that hold the context of a trace.
const (
	// KeyParent and KeyState are those of the W3C's trace context.
	KeyParent = "traceparent"
	KeyState  = "tracestate"
	// KeyTraceID and KeySpanID are those of KurrentDB's clients.
	KeyTraceID = "$traceId"
	KeySpanID  = "$spanId"
)

// ContextOf is the span that an event was appended in, from its metadata: the
// W3C's keys, or else those of KurrentDB's clients, which store an ID only of
// spans that are sampled. It is not valid if the metadata holds neither. Its
// cost is small if it does not, and that of parsing the metadata if it does.
func ContextOf(e *cairn.Event) trace.SpanContext {
	if !bytes.Contains(e.Metadata, []byte(KeyParent)) && !bytes.Contains(e.Metadata, []byte(KeyTraceID)) {
		return trace.SpanContext{}
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(e.Metadata, &all) != nil {
		return trace.SpanContext{}
	}
	if sc := parse(text(all[KeyParent]), text(all[KeyState])); sc.IsValid() {
		return sc
	}
	return pair(text(all[KeyTraceID]), text(all[KeySpanID]))
}

// parse reads the W3C's form.
func parse(parent, state string) trace.SpanContext {
	ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{KeyParent: parent, KeyState: state})
	return trace.SpanContextFromContext(ctx)
}

// pair reads KurrentDB's form.
func pair(traceID, spanID string) trace.SpanContext {
	t, err := trace.TraceIDFromHex(traceID)
	if err != nil {
		return trace.SpanContext{}
	}
	s, err := trace.SpanIDFromHex(spanID)
	if err != nil {
		return trace.SpanContext{}
	}
	return trace.NewSpanContext(trace.SpanContextConfig{TraceID: t, SpanID: s, TraceFlags: trace.FlagsSampled, Remote: true})
}

// text is a JSON string, or nothing.
func text(v json.RawMessage) (s string) {
	if json.Unmarshal(v, &s) != nil {
		return ""
	}
	return s
}
