package decider

import (
	"context"
	"encoding/json"

	"github.com/cairndb/cairn"
)

// The keys of an event's metadata, which are those of the KurrentDB protocol,
// under which the IDs of [WithCorrelation] and [CausedBy] are stored.
const (
	CorrelationID = "$correlationId"
	CausationID   = "$causationId"
)

// A trace says what an event belongs to and what led to it.
type trace struct {
	Correlation, Causation string
}

type traceKey struct{}

func traceOf(ctx context.Context) trace {
	t, _ := ctx.Value(traceKey{}).(trace)
	return t
}

func (t trace) addTo(metadata map[string]any) {
	if t.Correlation != "" {
		metadata[CorrelationID] = t.Correlation
	}
	if t.Causation != "" {
		metadata[CausationID] = t.Causation
	}
}

// WithCorrelation returns a context under which decided events belong to the
// conversation with that ID, such as the ID of a request.
func WithCorrelation(ctx context.Context, id string) context.Context {
	t := traceOf(ctx)
	t.Correlation = id
	return context.WithValue(ctx, traceKey{}, t)
}

// CausedBy returns a context under which decided events have r as their cause,
// and belong to the conversation of r. If r belongs to none, it is the beginning
// of one, which has the ID of r. If the ID of r is zero no cause is known, and it
// begins no conversation; if it belongs to none either, the context stays as it is.
func CausedBy(ctx context.Context, r cairn.Recorded) context.Context {
	t := trace{Correlation: correlation(r.Metadata)}
	if !r.ID.IsZero() {
		t.Causation = r.ID.String()
	}
	if t.Correlation == "" {
		t.Correlation = t.Causation
	}
	if t == (trace{}) {
		return ctx
	}
	return context.WithValue(ctx, traceKey{}, t)
}

// correlation reads the metadata of an event, which may be anything.
func correlation(metadata []byte) string {
	var t struct {
		ID any `json:"$correlationId"`
	}
	if json.Unmarshal(metadata, &t) != nil {
		return ""
	}
	id, _ := t.ID.(string)
	return id
}
