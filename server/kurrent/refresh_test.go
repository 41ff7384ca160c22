package kurrent

import (
	"math"
	"testing"
	"time"
)

// TestRefresh: not all the time, and not so seldom that the number is too large.
func TestRefresh(t *testing.T) {
	for ms, want := range map[uint64]time.Duration{
		0: defaultRefresh, 1: minRefresh, 250: 250 * time.Millisecond, math.MaxUint64: 24 * time.Hour, 1 << 60: 24 * time.Hour,
	} {
		if got := refresh(ms); got != want {
			t.Errorf("every %d ms becomes %v, want %v", ms, got, want)
		}
	}
}
