package vitals

import (
	"math"
	"slices"

	dto "github.com/prometheus/client_model/go"
)

// buckets are those of a histogram: how many observations were at most so large.
type buckets struct {
	bounds []float64 // ascending
	counts []uint64  // up to and including each bound
	total  uint64
}

// bucketsOf adds up the series of a histogram, which have the same bounds.
// Those that have others are left out.
func bucketsOf(f *dto.MetricFamily) (b buckets) {
	for _, m := range f.GetMetric() {
		h := m.GetHistogram()
		bounds := make([]float64, len(h.GetBucket()))
		for i, one := range h.GetBucket() {
			bounds[i] = one.GetUpperBound()
		}
		if b.bounds == nil {
			b.bounds, b.counts = bounds, make([]uint64, len(bounds))
		}
		if !slices.Equal(b.bounds, bounds) {
			continue
		}
		for i, one := range h.GetBucket() {
			b.counts[i] += one.GetCumulativeCount()
		}
		b.total += h.GetSampleCount()
	}
	return b
}

// since are the observations after those of an earlier reading. There are none to
// tell if counting has begun anew meanwhile, or by other bounds.
func (b buckets) since(before buckets) (buckets, bool) {
	if !slices.Equal(b.bounds, before.bounds) || len(b.counts) != len(before.counts) || b.total < before.total {
		return buckets{}, false
	}
	d := buckets{b.bounds, make([]uint64, len(b.counts)), b.total - before.total}
	for i := range d.counts {
		if b.counts[i] < before.counts[i] {
			return buckets{}, false
		}
		d.counts[i] = b.counts[i] - before.counts[i]
	}
	return d, true
}

// quantile is the value that a share q of the observations, from 0 to 1, does not
// exceed. Within a bucket they are taken to lie evenly; above the last bound
// nothing is known but that. It is NaN without observations, and of buckets that
// cannot be.
func (b buckets) quantile(q float64) float64 {
	if b.total == 0 || len(b.bounds) == 0 || !(q >= 0 && q <= 1) || !b.sound() {
		return math.NaN()
	}
	rank := q * float64(b.total)
	i := slices.IndexFunc(b.counts, func(n uint64) bool { return n > 0 && float64(n) >= rank })
	if i < 0 || math.IsInf(b.bounds[i], 1) {
		return b.highest()
	}
	low, below := 0.0, uint64(0)
	if i > 0 {
		low, below = b.bounds[i-1], b.counts[i-1]
	}
	in := float64(b.counts[i] - below)
	return low + (b.bounds[i]-low)*max(0, rank-float64(below))/in
}

// sound reports whether bounds and counts ascend, and are numbers.
func (b buckets) sound() bool {
	last, up := uint64(0), math.Inf(-1)
	for i, bound := range b.bounds {
		if !(bound > up) || b.counts[i] < last || b.counts[i] > b.total {
			return false
		}
		last, up = b.counts[i], bound
	}
	return true
}

// highest is the highest bound that is a number of seconds.
func (b buckets) highest() float64 {
	for _, bound := range slices.Backward(b.bounds) {
		if !math.IsInf(bound, 1) {
			return bound
		}
	}
	return math.NaN()
}
