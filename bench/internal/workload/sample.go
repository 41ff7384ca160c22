package workload

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cairndb/cairn/bench/internal/measure"
)

// Metrics are the numbers that one measurement gave, by name.
type Metrics map[string]float64

// String lists the metrics by name.
func (m Metrics) String() string {
	var b strings.Builder
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s %.4g", name, m[name])
	}
	return b.String()
}

// The names of metrics; the last part is the unit.
const (
	EventsPerSecond = "events_per_s"
	P50             = "p50_us"
	P99             = "p99_us"
	Most            = "max_us"
	CPU             = "cpu_us_per_event"        // of all processes involved, up to a clean close
	ServerCPU       = "server_cpu_us_per_event" // of that, what other processes than this one used
	Written         = "written_bytes_per_event" // by the device, up to a clean close and with what was dirty then
	WrittenPerLog   = "written_per_log_byte"    // the same, for each byte of the events' frames
	Seconds         = "seconds"                 // of one pass
	Matches         = "matches"
	Behind          = "behind_us" // median of following less that of appending
	AppendP50       = "append_p50_us"
	DiskPerEvent    = "disk_bytes_per_event" // allocated, after a clean close
	RSS             = "rss_bytes"
	PeakRSS         = "peak_rss_bytes"
	Heap            = "heap_bytes"
	OpenSeconds     = "open_s"  // until Open has returned
	ReadySeconds    = "ready_s" // until the first append and read were answered
	Streams         = "streams"
	Pending         = "pending"            // timers
	EventsAlone     = "alone_events_per_s" // without the crowd, or the relay
	P50Alone        = "alone_p50_us"
	P99Alone        = "alone_p99_us"
	MemoryEach      = "memory_bytes_each" // of a follower, in the server
	IdleCPU         = "idle_cpu"          // processors that a crowd occupies while nothing is written
)

// A Sample is what one system did in one round of one workload.
type Sample struct {
	Workload string  `json:"workload"`
	System   string  `json:"system"`
	Round    int     `json:"round"`
	Metrics  Metrics `json:"metrics"`
}

// Results are everything that one run has measured.
type Results struct {
	Command  string          `json:"command"`
	Machine  measure.Machine `json:"machine"`
	Settings Settings        `json:"settings"`
	Servers  []string        `json:"servers,omitempty"` // versions of what was not linked
	Samples  []Sample        `json:"samples"`
	Omitted  []string        `json:"omitted,omitempty"` // systems that were not there, and why
}

// Values are a metric's values, in ascending order.
func (r *Results) Values(workload, system, metric string) (values []float64) {
	for _, s := range r.Samples {
		if v, ok := s.Metrics[metric]; ok && s.Workload == workload && s.System == system {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return values
}

// Median is the middle value of a metric; the lower one of two.
func (r *Results) Median(workload, system, metric string) (float64, bool) {
	values := r.Values(workload, system, metric)
	if len(values) == 0 {
		return 0, false
	}
	return values[(len(values)-1)/2], true
}
