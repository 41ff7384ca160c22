package telemetry

import (
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
)

// seconds are the bounds for what takes from a memory access to a request that
// somebody gives up on.
var seconds = []float64{
	.00005, .0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10,
}

// sizes are the bounds for how many of something there are.
var sizes = prometheus.ExponentialBuckets(1, 4, 9) // to 65,536

func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cairn_" + name, Help: help, Buckets: buckets}, labels)
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cairn_" + name, Help: help}, labels)
}

func gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "cairn_" + name, Help: help}, labels)
}

func buildInfo(version string) prometheus.Collector {
	g := gauge("build_info", "Always 1; its labels say what is running.", "version", "goversion", "os", "arch")
	g.WithLabelValues(version, runtime.Version(), runtime.GOOS, runtime.GOARCH).Set(1)
	return g
}
