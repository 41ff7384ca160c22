package disk

import (
	"context"

	"github.com/cairndb/cairn"
)

// A request is a batch on its way through the sequencer. The sequencer fills in
// the outcome; its caller reads that once the group is done.
type request struct {
	ctx    context.Context
	writes []cairn.Write
	conds  []cairn.Condition
	key    string
	size   int // at least the bytes of its frame
	given  int // events

	err       error
	revisions []cairn.Revision // the answer, if err is nil
	position  cairn.Position
	duplicate bool
	deleted   error          // the first of the writes' streams that is deleted
	verdicts  []verdict      // of writes and conditions that do not hold
	known     int            // writes that were recognised as stored before, of those in verdicts
	sequenced cairn.Position // the last position given out when it was judged

	at []*standing // where the streams of the writes stand; the sequencer's

	one    [1]cairn.Write // room for the commonest case
	onAt   [1]*standing
	answer [1]cairn.Revision
}

// receipt is the answer, once there is one.
func (r *request) receipt() cairn.BatchReceipt {
	return cairn.BatchReceipt{Revisions: r.revisions, Position: r.position, Duplicate: r.duplicate}
}

// A verdict says that a write or condition does not hold.
type verdict struct {
	write     int // its index; -1 for a condition
	condition int // its index; -1 for a write
	expected  cairn.Revision
	actual    cairn.Revision

	// comparable says that the write may have been stored before, behind the
	// expected revision. Its caller compares the IDs once that is durable.
	comparable bool
	// recalled says that the write is remembered as stored at these.
	recalled bool
	revision cairn.Revision
	position cairn.Position
}

// A group is the requests that are committed together.
type group struct {
	requests []*request
	size     int           // at least the bytes of its frames
	events   int           // that the callers gave
	lead     chan struct{} // tells the first of them to commit the group
	done     chan struct{} // closed when all outcomes are known
}

// newGroup makes a group with room for as many requests as the last one had.
func newGroup(last int) *group {
	return &group{requests: make([]*request, 0, last), lead: make(chan struct{}, 1), done: make(chan struct{})}
}
