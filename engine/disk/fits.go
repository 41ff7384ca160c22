package disk

import (
	"fmt"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/internal/frame"
)

// ownEvent is more than an event of the store's own takes in a frame, but for
// the name of its stream and the metadata that it keeps.
const ownEvent = 128

// fits checks that the request can be read back: that its frame, with the
// events that the store adds to it, is no longer than any can be. The limits of
// a batch see to it that those which the caller gave fit by themselves.
func (r *request) fits(revivals []revival) error {
	added := 0
	for i := range r.writes {
		if w := &r.writes[i]; w.Delete != cairn.Keep {
			added += ownEvent + len(w.Stream)
		}
	}
	for _, v := range revivals {
		added += ownEvent + len(v.stream) + len(v.metadata)
	}
	if added == 0 || r.size+added <= frame.MaxSize {
		return nil
	}
	return &cairn.InvalidError{
		Field:   "batch size in bytes",
		Problem: fmt.Sprintf("%d of what is written and %d of deletions and of the metadata of streams that were deleted are more than a batch can be", r.size, added),
		Limit:   cairn.MaxBatchSize,
	}
}
