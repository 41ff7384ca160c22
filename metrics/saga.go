package metrics

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/saga"
)

// A Saga counts what becomes of the events of a saga in this process.
type Saga struct {
	group   *Group
	name    string
	ignored *prometheus.CounterVec
}

// NewSaga registers the metrics of a saga, and those of the group that it is.
func NewSaga(to prometheus.Registerer, name string) (*Saga, error) {
	g, err := NewGroup(to, name)
	r := naming(to, name)
	return &Saga{group: g, name: r.name, ignored: r.counter("saga_events_ignored_total", "Events that are for no instance, by why.", "saga", "reason")}, errors.Join(err, r.err)
}

// Measure returns the options with hooks that count, in front of those that are
// there.
func (m *Saga) Measure(o saga.Options) saga.Options {
	o.Group = m.group.Measure(o.Group)
	ignored := o.OnIgnored
	o.OnIgnored = func(e *cairn.Recorded, id string, why saga.Ignored) {
		m.ignored.WithLabelValues(m.name, string(why)).Inc()
		if ignored != nil {
			ignored(e, id, why)
		}
	}
	return o
}
