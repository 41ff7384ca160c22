package telemetry

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// connectionMetrics count connections.
type connectionMetrics struct {
	open   *prometheus.GaugeVec
	opened *prometheus.CounterVec
}

func newConnectionMetrics() *connectionMetrics {
	return &connectionMetrics{
		open:   gauge("connections", "Connections that are open.", "protocol"),
		opened: counter("connections_total", "Connections that were accepted.", "protocol"),
	}
}

func (m *connectionMetrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.open, m.opened}
}

// Connection counts a connection. The protocol is a name out of few, such as
// "grpc" or "http". Call closed when the connection ends; again does nothing.
func (in *Instruments) Connection(protocol string) (closed func()) {
	in.conns.opened.WithLabelValues(protocol).Inc()
	open := in.conns.open.WithLabelValues(protocol)
	open.Inc()
	return sync.OnceFunc(open.Dec)
}
