package selfbench

import (
	"math/bits"
	"time"
)

// A histogram counts durations in buckets that are 1/32 of their lower bound
// wide, so that it needs no more memory for more of them.
type histogram struct {
	buckets [64 * 32]int64
	n       int64
}

func (h *histogram) add(d time.Duration) {
	h.buckets[bucket(d)]++
	h.n++
}

func (h *histogram) merge(o *histogram) {
	for i, n := range o.buckets {
		h.buckets[i] += n
	}
	h.n += o.n
}

// bucket is exact below 32 ns.
func bucket(d time.Duration) int {
	v := uint64(max(d, 0))
	if v < 32 {
		return int(v)
	}
	shift := bits.Len64(v) - 6
	return (shift+1)*32 + int(v>>shift) - 32
}

// lower is the smallest duration of a bucket.
func lower(i int) time.Duration {
	if i < 32 {
		return time.Duration(i)
	}
	shift := i/32 - 1
	return time.Duration((i%32 + 32) << shift)
}

// quantile is the duration that a part q of all does not exceed; zero if there
// is none.
func (h *histogram) quantile(q float64) time.Duration {
	rank := int64(q * float64(h.n))
	for i, n := range h.buckets {
		if rank -= n; rank < 0 {
			return lower(i)
		}
	}
	return 0
}
