package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn/inbox"
)

// An Inbox counts what becomes of arrivals in this process.
type Inbox struct {
	handled, duplicate, mismatch, late prometheus.Counter
}

// NewInbox registers the metrics of an inbox.
func NewInbox(to prometheus.Registerer, name string) (*Inbox, error) {
	r := naming(to, name)
	c := r.counter("inbox_arrivals_total", "What arrived, by what became of it.", "inbox", "outcome")
	return &Inbox{
		handled: c.WithLabelValues(r.name, "handled"), duplicate: c.WithLabelValues(r.name, "duplicate"),
		mismatch: c.WithLabelValues(r.name, "mismatch"), late: c.WithLabelValues(r.name, "late"),
	}, r.err
}

// Measure returns the hooks with ones that count, in front of those that are
// there.
func (m *Inbox) Measure(h inbox.Hooks) inbox.Hooks {
	return inbox.Hooks{
		OnHandled:   counting(m.handled, h.OnHandled),
		OnDuplicate: counting(m.duplicate, h.OnDuplicate),
		OnMismatch:  counting(m.mismatch, h.OnMismatch),
		OnLate:      counting(m.late, h.OnLate),
	}
}

// counting is a hook that counts, in front of another one.
func counting[T any](c prometheus.Counter, next func(T)) func(T) {
	return func(v T) {
		c.Inc()
		if next != nil {
			next(v)
		}
	}
}
