package metrics

import (
	"errors"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn"
)

// lateness are the bounds for what waits for an event, from a commit to a day.
var lateness = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 60, 600, 3600, 86400}

// A registrar makes and registers the metrics of one thing. Errors stick.
type registrar struct {
	to   prometheus.Registerer
	name string // of the thing
	err  error
}

// naming begins to register the metrics of a thing with a name.
func naming(to prometheus.Registerer, name string) *registrar {
	r := &registrar{to: to, name: strings.ToValidUTF8(name, "�")}
	if r.name != name || name == "" {
		r.err = &cairn.InvalidError{Field: "name", Problem: "must be UTF-8, and not empty"}
	}
	return r
}

func (r *registrar) counter(name, help string, labels ...string) *prometheus.CounterVec {
	return register(r, prometheus.NewCounterVec(prometheus.CounterOpts{Name: "cairn_" + name, Help: help}, labels))
}

func (r *registrar) gauge(name, help string, labels ...string) *prometheus.GaugeVec {
	return register(r, prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "cairn_" + name, Help: help}, labels))
}

func (r *registrar) histogram(name, help string, labels ...string) *prometheus.HistogramVec {
	return register(r, prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "cairn_" + name, Help: help, Buckets: lateness}, labels))
}

// register registers a metric, or finds the one that is there.
func register[C prometheus.Collector](r *registrar, c C) C {
	err := r.to.Register(c)
	if e, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		if there, ok := e.ExistingCollector.(C); ok {
			return there
		}
	}
	r.err = errors.Join(r.err, err)
	return c
}
