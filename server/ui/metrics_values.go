package ui

import (
	"math"
	"strconv"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// A metricLine is what a metric says for a set of labels.
type metricLine struct {
	Labels string
	Value  string // of a counter or gauge; of others how many there were
	Sum    string // of what is measured; empty if it is one value
	Median string
	High   string // what 99 of 100 are below
}

// metricLineOf writes the value of a metric, in the unit that its name ends in.
func metricLineOf(name, labels string, m *dto.Metric) metricLine {
	l := metricLine{Labels: labels}
	switch {
	case m.Histogram != nil:
		h := m.Histogram
		l.Value, l.Sum = grouped(h.GetSampleCount()), inUnit(name, h.GetSampleSum())
		l.Median, l.High = inUnit(name, quantile(h, .5)), inUnit(name, quantile(h, .99))
	case m.Summary != nil:
		s := m.Summary
		l.Value, l.Sum = grouped(s.GetSampleCount()), inUnit(name, s.GetSampleSum())
		l.Median, l.High = inUnit(name, given(s, .5)), inUnit(name, given(s, .99))
	case m.Counter != nil:
		l.Value = inUnit(name, m.Counter.GetValue())
	case m.Gauge != nil:
		l.Value = inUnit(name, m.Gauge.GetValue())
	default:
		l.Value = inUnit(name, m.GetUntyped().GetValue())
	}
	return l
}

// quantile estimates what a share of all observations are below, from the buckets:
// as if those of each were spread evenly over it. It is no number if there were
// none, and the last bound if it lies behind that.
func quantile(h *dto.Histogram, share float64) float64 {
	if h.GetSampleCount() == 0 {
		return math.NaN()
	}
	rank := share * float64(h.GetSampleCount())
	var bound, below float64
	for _, b := range h.GetBucket() {
		upper, count := b.GetUpperBound(), float64(b.GetCumulativeCount())
		if math.IsInf(upper, 1) {
			break
		}
		if count >= rank && count > below {
			return bound + (upper-bound)*(rank-below)/(count-below)
		}
		bound, below = upper, count
	}
	return bound
}

// given is a quantile that the metric itself says; no number if it does not.
func given(s *dto.Summary, share float64) float64 {
	for _, q := range s.GetQuantile() {
		if q.GetQuantile() == share {
			return q.GetValue()
		}
	}
	return math.NaN()
}

// inUnit writes a value in the unit that a metric's name ends in.
func inUnit(name string, v float64) string {
	name = strings.TrimSuffix(name, "_total")
	switch {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 0) || math.Abs(v) > 1<<53:
		return strconv.FormatFloat(v, 'g', 4, 64)
	case strings.HasSuffix(name, "_time_seconds"), strings.HasSuffix(name, "_timestamp_seconds"):
		return instant(time.UnixMilli(int64(v * 1000)))
	case strings.HasSuffix(name, "_seconds") && v > 0 && v < 1e9:
		return took(time.Duration(v * float64(time.Second)))
	case strings.HasSuffix(name, "_bytes") && v >= 0:
		return byteSize(int64(v))
	case v == math.Trunc(v):
		return grouped(int64(v))
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}
