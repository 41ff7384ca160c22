package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn/timer"
)

// Timers measures the timers that a runner in this process fires.
type Timers struct {
	late         prometheus.Observer
	lost, failed prometheus.Counter
}

// NewTimers registers the metrics of a category of timers. The name is what they
// are called in the metrics.
func NewTimers(to prometheus.Registerer, name string) (*Timers, error) {
	r := naming(to, name)
	return &Timers{
		late:   r.histogram("timer_lateness_seconds", "How long after it was due a timer was fired.", "timers").WithLabelValues(r.name),
		lost:   r.counter("timer_lost_total", "Timers that somebody else fired, cancelled or set anew at the same moment.", "timers").WithLabelValues(r.name),
		failed: r.counter("timer_failures_total", "Timers that the store has refused to fire.", "timers").WithLabelValues(r.name),
	}, r.err
}

// Measure returns the options with hooks that count, in front of those that are
// there.
func (m *Timers) Measure(o timer.Options) timer.Options {
	fired, failed := o.OnFired, o.OnFailed
	o.OnFired = func(key string, late time.Duration) {
		m.late.Observe(late.Seconds())
		if fired != nil {
			fired(key, late)
		}
	}
	o.OnLost = counting(m.lost, o.OnLost)
	o.OnFailed = func(key string, err error) {
		m.failed.Inc()
		if failed != nil {
			failed(key, err)
		}
	}
	return o
}
