package vitals

import (
	"math"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// A reading is what a server said at one moment: of what is counted, how many
// there ever were.
type reading struct {
	at     time.Time
	totals [Figures]float64 // NaN where nothing is known
	writes buckets
}

// A source says where a figure is among the metrics of a server.
type source struct {
	figure Figure
	metric string
	rate   bool                   // it is counted, and shown by the second
	only   func(*dto.Metric) bool // the series that matter; nil means all
}

// sources are those of all figures but the head, which the store says itself, and
// the time that writes take. Those of one figure are added.
var sources = []source{
	{WrittenBytes, "cairn_append_bytes_total", true, nil},
	{Writes, tookWrites, true, nil},
	{Syncs, "cairn_commit_duration_seconds", true, nil},
	{Read, "cairn_read_events_total", true, nil},
	{ReadBytes, "cairn_read_bytes_total", true, nil},
	{Connections, "cairn_connections", false, nil},
	{Followers, "cairn_followers", false, nil},
	{Calls, "cairn_rpc_in_flight", false, nil},
	{Calls, "cairn_http_in_flight", false, nil},
	{CPU, "process_cpu_seconds_total", true, nil},
	{Memory, "process_resident_memory_bytes", false, nil},
	{Errors, "cairn_errors_total", true, troubling},
}

// tookWrites is the metric of how long writes took.
const tookWrites = "cairn_append_duration_seconds"

// troubling reports whether errors are the server's trouble, and not an answer to
// somebody who asked for what cannot be.
func troubling(m *dto.Metric) bool {
	for _, l := range m.GetLabel() {
		if l.GetName() == "kind" {
			switch l.GetValue() {
			case "conflict", "deleted", "invalid", "read_only", "canceled", "deadline", "closed":
				return false
			}
		}
	}
	return true
}

// read takes from the metrics what samples are made of.
func (r *reading) read(families []*dto.MetricFamily) {
	byName := map[string]*dto.MetricFamily{}
	for _, f := range families {
		byName[f.GetName()] = f
	}
	for _, s := range sources {
		if f := byName[s.metric]; f != nil {
			r.totals[s.figure] = plus(r.totals[s.figure], s.sum(f))
		}
	}
	if f := byName[tookWrites]; f != nil {
		r.writes = bucketsOf(f)
	}
}

// plus adds what is known.
func plus(a, b float64) float64 {
	if math.IsNaN(a) {
		return b
	}
	return a + b
}

func (s *source) sum(f *dto.MetricFamily) (sum float64) {
	for _, m := range f.GetMetric() {
		if s.only == nil || s.only(m) {
			sum += value(m)
		}
	}
	return sum
}

// value is how much a metric says, or how often it was observed.
func value(m *dto.Metric) float64 {
	switch {
	case m.GetCounter() != nil:
		return m.GetCounter().GetValue()
	case m.GetGauge() != nil:
		return m.GetGauge().GetValue()
	case m.GetHistogram() != nil:
		return float64(m.GetHistogram().GetSampleCount())
	}
	return math.NaN()
}

// unknown is a reading that says nothing yet.
func unknown(at time.Time) reading {
	r := reading{at: at}
	for f := range r.totals {
		r.totals[f] = math.NaN()
	}
	return r
}
