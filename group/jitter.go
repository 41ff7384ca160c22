package group

import (
	"math/rand/v2"
	"time"
)

// Jitter is a backoff that doubles: after each attempt a random time, between
// nothing and a limit that begins at first and doubles up to most. It spreads
// out those who failed together.
func Jitter(first, most time.Duration) func(attempt int) time.Duration {
	return func(attempt int) time.Duration {
		limit := first
		for i := 1; i < attempt && limit < most; i++ {
			limit *= 2
		}
		return time.Duration(rand.Int64N(int64(max(1, min(limit, most)))))
	}
}
