package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// A Projection counts what the runners of a projection in this process do.
type Projection struct {
	name                                        string
	applied, retried, parked, skipped, failures prometheus.Counter
	took                                        prometheus.Observer
	down                                        prometheus.Gauge
	audited, audit                              *prometheus.GaugeVec
}

// NewProjection registers the metrics of a projection. It fails if there are others
// of the same names.
func NewProjection(to prometheus.Registerer, name string) (*Projection, error) {
	r := naming(to, name)
	count := func(name, help string) prometheus.Counter {
		return r.counter(name, help, "projection").WithLabelValues(r.name)
	}
	p := &Projection{
		name:     r.name,
		applied:  count("projection_events_applied_total", "Events that transactions here have applied."),
		retried:  count("projection_retries_total", "Attempts that failed, of events that are tried again."),
		parked:   count("projection_events_parked_total", "Events that failed for good, and whose key is parked."),
		skipped:  count("projection_events_skipped_total", "Events that failed for good and were left out."),
		failures: count("projection_stops_total", "Failures of events that have ended a runner."),
		took:     r.histogram("projection_transaction_seconds", "How long transactions take that apply events.", "projection").WithLabelValues(r.name),
		down:     r.gauge("projection_target_down", "1 while the database does not answer.", "projection").WithLabelValues(r.name),
		audit:    r.gauge("projection_audit_ok", "1 if the last audit of a build found nothing, 0 if a lane lost, doubled or reordered events.", "projection", "build"),
		audited:  r.gauge("projection_audit_timestamp_seconds", "When a build was last audited.", "projection", "build"),
	}
	return p, r.err
}

// Measure returns the options with hooks that count, in front of those that are
// there. [projection.DeployOptions] hold such options, too.
func (p *Projection) Measure(o projection.Options) projection.Options {
	applied, retry, stopped := o.OnApplied, o.OnRetry, o.OnStopped
	o.OnApplied = func(at cairn.Position, events int, took time.Duration) {
		p.applied.Add(float64(events))
		p.took.Observe(took.Seconds())
		if applied != nil {
			applied(at, events, took)
		}
	}
	o.OnRetry = func(e *cairn.Recorded, attempt int, after time.Duration, err error) {
		p.retried.Inc()
		if retry != nil {
			retry(e, attempt, after, err)
		}
	}
	o.OnStopped = func(err *projection.FailureError) {
		p.failures.Inc()
		if stopped != nil {
			stopped(err)
		}
	}
	return p.measureDown(p.measureLeftOut(o))
}

func (p *Projection) measureLeftOut(o projection.Options) projection.Options {
	parked, skipped := o.OnParked, o.OnSkipped
	o.OnParked = func(e *cairn.Recorded, key string, attempts int, err error) {
		p.parked.Inc()
		if parked != nil {
			parked(e, key, attempts, err)
		}
	}
	o.OnSkipped = func(e *cairn.Recorded, attempts int, err error) {
		p.skipped.Inc()
		if skipped != nil {
			skipped(e, attempts, err)
		}
	}
	return o
}

func (p *Projection) measureDown(o projection.Options) projection.Options {
	down, up := o.OnDown, o.OnUp
	o.OnDown = func(err error, after time.Duration) {
		p.down.Set(1)
		if down != nil {
			down(err, after)
		}
	}
	o.OnUp = func(lasted time.Duration) {
		p.down.Set(0)
		if up != nil {
			up(lasted)
		}
	}
	return o
}
