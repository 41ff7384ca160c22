package metrics

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/broker"
)

// A Relay measures what a relay in this process publishes.
type Relay struct {
	group             *Group
	took              prometheus.Observer
	unmapped, nothing prometheus.Counter
	retried, parked   prometheus.Counter
	outages           prometheus.Counter
	held              prometheus.Gauge
}

// NewRelay registers the metrics of a relay, and those of the group that it is.
func NewRelay(to prometheus.Registerer, name string) (*Relay, error) {
	g, err := NewGroup(to, name)
	r := naming(to, name)
	skipped := r.counter("relay_events_skipped_total", "Events of which others were told nothing, by why.", "relay", "reason")
	failed := r.counter("relay_failures_total", "Attempts at an event that failed, by what follows.", "relay", "outcome")
	return &Relay{
		group:    g,
		took:     r.histogram("relay_publish_duration_seconds", "Time until the broker had confirmed a message.", "relay").WithLabelValues(r.name),
		unmapped: skipped.WithLabelValues(r.name, "unmapped"), nothing: skipped.WithLabelValues(r.name, "nothing"),
		retried: failed.WithLabelValues(r.name, "retried"), parked: failed.WithLabelValues(r.name, "parked"),
		outages: r.counter("relay_outages_total", "How often the broker was found to be unavailable.", "relay").WithLabelValues(r.name),
		held:    r.gauge("relay_held", "1 while the relay waits for its broker.", "relay").WithLabelValues(r.name),
	}, errors.Join(err, r.err)
}

// Measure returns the options with hooks that count, in front of those that are
// there.
func (m *Relay) Measure(o broker.RelayOptions) broker.RelayOptions {
	o.Group = m.group.Measure(o.Group)
	published, skipped, failed := o.OnPublished, o.OnSkipped, o.OnFailed
	o.OnPublished = func(e *cairn.Recorded, msg *broker.Message, took time.Duration) {
		m.took.Observe(took.Seconds())
		if published != nil {
			published(e, msg, took)
		}
	}
	o.OnSkipped = func(e *cairn.Recorded, reason error) {
		which(reason != nil, m.unmapped, m.nothing).Inc()
		if skipped != nil {
			skipped(e, reason)
		}
	}
	o.OnFailed = func(e *cairn.Recorded, attempt int, parked bool, err error) {
		which(parked, m.parked, m.retried).Inc()
		if failed != nil {
			failed(e, attempt, parked, err)
		}
	}
	return m.outage(o)
}

func (m *Relay) outage(o broker.RelayOptions) broker.RelayOptions {
	held, resumed := o.OnHeld, o.OnResumed
	o.OnHeld = func(failures int, after time.Duration, err error) {
		if failures == 1 {
			m.outages.Inc()
		}
		m.held.Set(1)
		if held != nil {
			held(failures, after, err)
		}
	}
	o.OnResumed = func(took time.Duration) {
		m.held.Set(0)
		if resumed != nil {
			resumed(took)
		}
	}
	return o
}

func which(first bool, a, b prometheus.Counter) prometheus.Counter {
	if first {
		return a
	}
	return b
}
