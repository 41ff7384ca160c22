package telemetry

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/cairndb/cairn"
)

// writeMetrics are about writes as callers see them.
type writeMetrics struct {
	append, commit, each      prometheus.Observer
	events, bytes, duplicates prometheus.Counter
	vectors                   []prometheus.Collector
}

func newWriteMetrics() *writeMetrics {
	took := histogram("append_duration_seconds", "Time until a write was durable or refused.", seconds, "operation")
	events := counter("append_events_total", "Events stored.")
	bytes := counter("append_bytes_total", "Bytes of data and metadata stored.")
	duplicates := counter("append_duplicates_total", "Writes recognised as stored before.")
	return &writeMetrics{
		append: took.WithLabelValues("append"), commit: took.WithLabelValues("commit"), each: took.WithLabelValues("commit_each"),
		events: events.WithLabelValues(), bytes: bytes.WithLabelValues(), duplicates: duplicates.WithLabelValues(),
		vectors: []prometheus.Collector{took, events, bytes, duplicates},
	}
}

func (m *writeMetrics) all() []prometheus.Collector { return m.vectors }

// stored counts what was stored by a write, or only recognised.
func (m *writeMetrics) stored(events, bytes int, duplicate bool) {
	switch {
	case duplicate:
		m.duplicates.Inc()
	case events > 0:
		m.events.Add(float64(events))
		m.bytes.Add(float64(bytes))
	}
}

// size is how many events a batch has, and their bytes.
func size(b *cairn.Batch) (events, bytes int) {
	for i := range b.Writes {
		events += len(b.Writes[i].Events)
		bytes += eventBytes(b.Writes[i].Events)
	}
	return events, bytes
}

func eventBytes(events []cairn.Event) (n int) {
	for i := range events {
		n += len(events[i].Data) + len(events[i].Metadata)
	}
	return n
}
