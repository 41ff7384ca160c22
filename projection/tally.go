package projection

import (
	"encoding/binary"

	"github.com/cairndb/cairn"
)

// A Tally is a running count and hash of events: enough to see that one is
// missing, was counted twice or came in another order. It is no proof against
// somebody who wants to deceive.
type Tally struct {
	// Count is how many events there were.
	Count uint64 `json:"count"`
	// Chain depends on the events and on their order.
	Chain uint64 `json:"chain"`
	// Sum depends on the events only, so that those of several lanes can be added.
	Sum uint64 `json:"sum"`
}

// Add counts an event.
func (t *Tally) Add(e *cairn.Recorded) {
	var b [32]byte
	binary.LittleEndian.PutUint64(b[:8], uint64(e.Position))
	copy(b[8:24], e.ID[:])
	own := hash(b[:24])
	binary.LittleEndian.PutUint64(b[24:], t.Chain)
	t.Count, t.Chain, t.Sum = t.Count+1, hash(b[:]), t.Sum+own
}

// hash is FNV-1a. It is part of the format.
func hash(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

// laneOf is the lane of a key. It is part of the format.
func laneOf(key string, lanes int) int { return int(hash([]byte(key)) % uint64(lanes)) }
