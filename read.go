package cairn

// ReadOptions say which part of a stream to read and how. The zero value reads
// everything, oldest first, and ends.
type ReadOptions struct {
	// From and Before are the range [From, Before). A zero Before is no bound.
	From, Before Revision

	// Backward reads the range newest first. It excludes Follow.
	Backward bool

	// Limit is how many events to yield at most. Zero is no limit.
	Limit int

	// Follow waits for further events at the end instead of ending.
	Follow bool

	// CaughtUp is called by a follower, in the reading goroutine between
	// events, each time it has yielded all there is and before it waits. The
	// argument is the revision it has reached: NoStream in an empty stream.
	CaughtUp func(Revision)
}

// AllOptions say which part of the log to read and how. The zero value reads
// everything, oldest first, and ends.
type AllOptions struct {
	// After and Before are the range (After, Before). A zero Before is no
	// bound. A stored checkpoint is exactly what After wants.
	After, Before Position

	// Backward reads the range newest first. It excludes Follow.
	Backward bool

	// Limit is how many events to yield at most. Zero is no limit.
	Limit int

	// Query selects events. Nil selects all.
	Query Query

	// NoSystem leaves out the events of streams whose name begins with "$",
	// and events whose type does.
	NoSystem bool

	// Follow waits for further events at the end instead of ending.
	Follow bool

	// CaughtUp is called by a follower, in the reading goroutine between
	// events, each time it has yielded all that matched and before it waits.
	// The argument is the head it has reached: every matching event up to
	// there was yielded, so it is as good a checkpoint as an event's position.
	//
	// A follower with a Query sleeps until something matches. Of a head at
	// which nothing did it is told at the latest when ProgressEvery positions
	// have gone by since it was told anything, unless EachHead is set.
	CaughtUp func(Position)

	// EachHead makes a follower call CaughtUp for every head that it sees, also
	// when nothing there matched. Every commit then wakes it.
	EachHead bool

	// Progress is called in the reading goroutine between events when many
	// events were passed over that did not match: at least once every
	// [ProgressEvery] positions. As for CaughtUp, every matching event up to
	// the argument was yielded. It is not called while events are yielded.
	Progress func(Position)
}

// ProgressEvery is how many positions a filtered read passes over at most
// before it says so through AllOptions.Progress.
const ProgressEvery = 10_000
