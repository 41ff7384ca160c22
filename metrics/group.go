package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/group"
)

// A Group counts what becomes of the events of a group in this process.
type Group struct {
	settled, retried, parked prometheus.Counter
}

// NewGroup registers the metrics of a group. It fails if there are others of the
// same names.
func NewGroup(to prometheus.Registerer, name string) (*Group, error) {
	r := naming(to, name)
	g := &Group{
		settled: r.counter("group_events_settled_total", "Events that a member here has settled.", "group").WithLabelValues(r.name),
		retried: r.counter("group_retries_total", "Attempts that failed, of events that are tried again.", "group").WithLabelValues(r.name),
		parked:  r.counter("group_failures_total", "Events that failed for good, and whose key is parked.", "group").WithLabelValues(r.name),
	}
	return g, r.err
}

// Measure returns the options with hooks that count, in front of those that are
// there.
func (g *Group) Measure(o group.Options) group.Options {
	settled, retry, parked := o.OnSettled, o.OnRetry, o.OnParked
	o.OnSettled = func(e *cairn.Recorded, attempt int) {
		g.settled.Inc()
		if settled != nil {
			settled(e, attempt)
		}
	}
	o.OnRetry = func(e *cairn.Recorded, attempt int, after time.Duration, err error) {
		g.retried.Inc()
		if retry != nil {
			retry(e, attempt, after, err)
		}
	}
	o.OnParked = func(e *cairn.Recorded, attempt int, err error) {
		g.parked.Inc()
		if parked != nil {
			parked(e, attempt, err)
		}
	}
	return o
}
