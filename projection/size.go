package projection

import "time"

// A size is how many events a transaction takes at most. It grows while there is
// more and transactions are short, and shrinks when they get long: for then an
// event waits long, others wait for locks, and much is done again after a failure.
type size struct{ now, most int }

const (
	firstSize  = 64
	idealTime  = 125 * time.Millisecond
	longestRun = 250 * time.Millisecond
)

func newSize(most int) size { return size{min(firstSize, most), most} }

// learn takes note of a transaction.
func (s *size) learn(events int, took time.Duration) {
	switch {
	case took > longestRun:
		s.now = max(1, min(s.now, int(int64(events)*int64(idealTime)/int64(took))))
	case took < idealTime && events == s.now:
		s.now = min(2*s.now, s.most)
	}
}
