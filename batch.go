package cairn

// A Batch is one atomic write: it is stored whole or not at all. Its events
// take consecutive positions in the order in which they stand here.
//
// A Batch without writes only checks its conditions.
type Batch struct {
	Writes     []Write
	Conditions []Condition

	// Key makes the batch idempotent: a batch whose key was committed before
	// is not stored again, whatever else it holds, and Commit returns the first
	// answer. Keys are kept for ever. Empty means no key.
	Key string
}

// A Write is a batch's share in one stream. A batch may write to one stream
// several times, to interleave it with others; each expectation is about the
// stream as it stood before the batch.
type Write struct {
	Stream string

	// Expected is where the stream must stand: a revision, [NoStream],
	// [StreamExists] or [Any]. There is no default: zero is revision 0.
	Expected Revision

	Events []Event

	// Delete deletes the stream. Such a write has no events.
	Delete Deletion
}

// A Deletion is a way to delete a stream.
type Deletion uint8

const (
	// Keep deletes nothing.
	Keep Deletion = iota
	// SoftDelete hides all events of the stream, which then reads as if it had
	// never existed. It may be written to again and then continues its
	// revisions. It is recorded as an event in the stream's metadata stream.
	SoftDelete
	// Tombstone closes the stream for good: reading and writing it fail with
	// [ErrStreamDeleted]. It is recorded as a last event of type
	// [TypeStreamDeleted] at [TombstoneRevision].
	Tombstone

	deletions // how many there are
)

// A Condition must hold when the batch commits. It has one of two forms.
//
// With a Stream, that stream, which the batch need not write to, must stand at
// Expected.
//
// With a Query, no event after the position After may match it: "nothing that
// I based this decision on has changed since I read it", also known as a
// dynamic consistency boundary (https://dcb.events).
type Condition struct {
	Stream   string
	Expected Revision

	Query Query
	After Position
}

// StreamAt is the condition that a stream stands at a revision.
func StreamAt(stream string, expected Revision) Condition {
	return Condition{Stream: stream, Expected: expected}
}

// NoneAfter is the condition that no event after p matches the query.
func NoneAfter(p Position, q Query) Condition { return Condition{Query: q, After: p} }

// A Receipt is the answer to an append.
type Receipt struct {
	// Revision is that of the last event appended: the one to expect next.
	// Without events it is where the stream stands.
	Revision Revision
	// Position is that of the last event appended; zero if there was none.
	Position Position
	// Duplicate reports that the events had been stored before and were not
	// stored again.
	Duplicate bool
}

// A BatchReceipt is the answer to a batch.
type BatchReceipt struct {
	// Revisions holds, for each write in order, the revision of its last
	// event; without events, where its stream stands after the batch.
	Revisions []Revision
	// Position is that of the batch's last event; zero if there was none.
	Position Position
	// Duplicate reports that the batch had been stored before and was not
	// stored again.
	Duplicate bool
}
