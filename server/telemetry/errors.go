package telemetry

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn"
)

// kinds are the errors of a store that an operator tells apart. The first that
// matches counts: an unknown outcome says more about a write than that the store
// has failed.
var kinds = []struct {
	name string
	is   error
}{
	{"conflict", cairn.ErrConflict},
	{"deleted", cairn.ErrStreamDeleted},
	{"invalid", cairn.ErrInvalid},
	{"corrupt", cairn.ErrCorrupt},
	{"no_space", cairn.ErrNoSpace},
	{"unknown_outcome", cairn.ErrUnknownOutcome},
	{"failed", cairn.ErrFailed},
	{"read_only", cairn.ErrReadOnly},
	{"closed", cairn.ErrClosed},
	{"canceled", context.Canceled},
	{"deadline", context.DeadlineExceeded},
}

// kindOf is the name of an error's kind; "other" if it has none.
func kindOf(err error) string {
	for _, k := range kinds {
		if errors.Is(err, k.is) {
			return k.name
		}
	}
	return "other"
}

// troubles reports whether a kind is the server's trouble, and not only that of
// who asked for what cannot be.
func troubles(kind string) bool {
	switch kind {
	case "conflict", "deleted", "invalid", "read_only", "closed", "canceled", "deadline":
		return false
	}
	return true
}

// newErrors counts errors. Those that are the server's trouble are there from the
// beginning, at zero: what comes to be at one has not increased for who watches.
func newErrors() *prometheus.CounterVec {
	all := counter("errors_total", "Errors of the store, by what was asked of it and by kind.", "operation", "kind")
	for _, operation := range []string{"append", "commit", "commit_each", "read"} {
		for _, k := range kinds {
			if troubles(k.name) {
				all.WithLabelValues(operation, k.name)
			}
		}
	}
	return all
}

type errorKey struct{ operation, kind string }

// failed counts an error and returns its kind.
func (in *Instruments) failed(operation string, err error) string {
	key := errorKey{operation, kindOf(err)}
	c, ok := in.kinds.Load(key)
	if !ok {
		c, _ = in.kinds.LoadOrStore(key, in.errors.WithLabelValues(key.operation, key.kind))
	}
	c.(prometheus.Counter).Inc()
	return key.kind
}
