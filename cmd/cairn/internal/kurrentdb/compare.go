package kurrentdb

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/cairndb/cairn"
)

// A Difference is a stream that is not on both sides the same.
type Difference struct {
	Stream string `json:"stream"`
	What   string `json:"what"`
}

// compare lists the streams of the source that the target does not hold as they
// are, by name. Streams that only the target has do not matter.
func compare(source, target *ledger) []Difference {
	differ := []Difference{}
	for _, stream := range slices.Sorted(maps.Keys(source.streams)) {
		there := target.streams[stream]
		if there == nil {
			there = &account{}
		}
		a := source.streams[stream]
		if source.partial && a.metadata == nil {
			there.metadata = nil
		}
		if source.partial && !a.closed {
			there.closed = false
		}
		if what := a.differs(there); what != "" {
			differ = append(differ, Difference{stream, what})
		}
	}
	return differ
}

// differs says how the account of the target is another; empty if it is not.
func (a *account) differs(there *account) string {
	switch {
	case a.events != there.events:
		return fmt.Sprintf("%d events, and %d in the copy", a.events, there.events)
	case a.sum != there.sum:
		return fmt.Sprintf("%d events, and others in the copy: their sums are %016x and %016x", a.events, a.sum, there.sum)
	case a.closed != there.closed:
		return "closed for good (tombstoned) on one side only"
	case !bytes.Equal(canonical(a.metadata), canonical(there.metadata)):
		return fmt.Sprintf("metadata %s, and %s in the copy", canonical(a.metadata), canonical(there.metadata))
	}
	return ""
}

// canonical is stream metadata in one form for all that mean the same.
func canonical(metadata []byte) []byte {
	m := cairn.ParseStreamMetadata(metadata)
	b, err := json.Marshal(m)
	if err != nil {
		return metadata // custom keys that cannot be written again
	}
	return b
}

// only leaves what is about streams that another ledger has: of a target that
// holds more than the copy.
func (l *ledger) only(other *ledger) *ledger {
	l.events = 0
	maps.DeleteFunc(l.streams, func(stream string, a *account) bool {
		if other.streams[stream] == nil {
			return true
		}
		l.events += a.events
		return false
	})
	return l
}
