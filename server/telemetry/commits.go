package telemetry

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// commitMetrics are about what the engine does for a group of writes at once.
type commitMetrics struct {
	took, batches, events prometheus.Observer
	bytes, failures       prometheus.Counter
	vectors               []prometheus.Collector
}

func newCommitMetrics() *commitMetrics {
	took := histogram("commit_duration_seconds", "Time to write and sync one group of batches.", seconds)
	batches := histogram("commit_batches", "Batches in one group, refused ones too.", sizes)
	events := histogram("commit_events", "Events stored by one group.", sizes)
	bytes := counter("commit_bytes_total", "Bytes written to the log.")
	failures := counter("commit_failures_total", "Groups of which nothing could be stored.")
	return &commitMetrics{
		took: took.WithLabelValues(), batches: batches.WithLabelValues(), events: events.WithLabelValues(),
		bytes: bytes.WithLabelValues(), failures: failures.WithLabelValues(),
		vectors: []prometheus.Collector{took, batches, events, bytes, failures},
	}
}

func (m *commitMetrics) all() []prometheus.Collector { return m.vectors }

// Commit is told of each group of batches that the engine wrote and synced at
// once: how many batches there were, the events stored, the bytes written, how
// long that took, and why nothing was stored, if so. It takes well under a
// microsecond.
func (in *Instruments) Commit(batches, events, bytes int, d time.Duration, err error) {
	m := in.commits
	m.batches.Observe(float64(batches))
	if err != nil {
		m.failures.Inc()
		return
	}
	if events == 0 {
		return // all were refused or only asked: nothing was written
	}
	m.took.Observe(d.Seconds())
	m.events.Observe(float64(events))
	m.bytes.Add(float64(bytes))
}
