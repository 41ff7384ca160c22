package measure

import (
	"math/bits"
	"time"
)

// A Histogram counts durations in buckets that are 3 % wide, in constant
// memory. The zero value is empty. It is not safe for concurrent use: give
// every goroutine its own and merge them.
type Histogram struct {
	buckets [64 << subBits]uint32
	count   uint64
}

const subBits = 5 // each power of two is cut into 32 buckets

// Add counts one duration.
func (h *Histogram) Add(d time.Duration) {
	h.buckets[bucket(uint64(max(d, 0)))]++
	h.count++
}

// Merge adds what another histogram has counted.
func (h *Histogram) Merge(other *Histogram) {
	for i, n := range other.buckets {
		h.buckets[i] += n
	}
	h.count += other.count
}

// Count is how many durations were added.
func (h *Histogram) Count() uint64 { return h.count }

// Quantile returns the duration below which the share q, from 0 to 1, of all
// durations lies, up to the width of a bucket. It is zero in an empty histogram.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank, seen := uint64(q*float64(h.count)), uint64(0)
	for i, n := range h.buckets {
		if seen += uint64(n); n > 0 && seen > min(rank, h.count-1) {
			return time.Duration(middle(i))
		}
	}
	return 0
}

func bucket(v uint64) int {
	shift := max(bits.Len64(v)-subBits-1, 0)
	return shift<<subBits + int(v>>shift)
}

// middle is the middle of the values that fall into a bucket.
func middle(i int) uint64 {
	shift := max(i>>subBits-1, 0)
	return uint64(i-shift<<subBits)<<shift + 1<<shift>>1
}
