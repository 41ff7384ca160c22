package cairn

import (
	"context"
	"iter"
)

// A Store is a durable, totally ordered event store. The package comment says
// what it promises. All methods may be called concurrently.
type Store interface {
	Appender
	Committer
	StreamReader
	LogReader
	Inspector

	// Close waits for writes under way, ends all followers with [ErrClosed]
	// and releases everything. Closing again does nothing. Any method called
	// later fails with ErrClosed.
	Close() error
}

// An Appender appends to one stream.
type Appender interface {
	// Append appends events to a stream that must stand at expected: a
	// revision, or [NoStream], [StreamExists] or [Any]. It returns after the
	// events are durable.
	//
	// If the stream stands elsewhere nothing is stored and the error is a
	// [*ConflictError]. There is one exception, which makes retries safe: if
	// the very events (by ID, in order) already stand behind the expected
	// revision, the answer is that of the first append, with Duplicate set.
	// With Any and StreamExists the store recognises only IDs it has seen
	// lately, as many as its engine says. IDs that the store made itself
	// cannot be repeated by a caller, so a retry needs IDs of the caller's.
	//
	// Without events Append checks the expectation and stores nothing.
	//
	// A tombstoned stream fails with [ErrStreamDeleted], whatever is
	// expected; so does a soft-deleted one when StreamExists is.
	// A malformed argument is an [*InvalidError]. Other errors
	// mean that the store cannot write; [ErrUnknownOutcome] matches those after
	// which the events may or may not turn out to be stored.
	//
	// When ctx ends before the append was sequenced nothing is stored;
	// afterwards its end is ignored, because the outcome is about to be known.
	Append(ctx context.Context, stream string, expected Revision, events ...Event) (Receipt, error)
}

// A Committer writes batches.
type Committer interface {
	// Commit stores a batch whole or not at all, and returns after it is
	// durable. Its errors are those of [Appender.Append]; a failed condition is
	// a [*ConflictError] too. A batch of several writes is recognised as a
	// duplicate by its key, or by its event IDs if every written stream
	// recognises its own.
	Commit(ctx context.Context, b Batch) (BatchReceipt, error)
}

// A StreamReader reads streams.
//
// The iterators of StreamReader and [LogReader] share one contract. Each pair
// is an event and a nil error, or a zero event and an error. The iterator ends
// after an error; it ends with the cause of the context when that ends, and
// with [ErrClosed] when the store closes. Breaking out of the loop releases
// everything. The body may use the store, and no lock is held while it runs.
// An iterator may be used again, and then reads anew.
type StreamReader interface {
	// ReadStream reads a stream. What its metadata hides (by age, count or
	// truncation) is left out. A stream that never existed, or was
	// soft-deleted, is empty; [Inspector.StreamInfo] tells them apart. A
	// tombstoned stream fails with [ErrStreamDeleted]; a follower first gets
	// the event that closed it.
	//
	// The read is a snapshot: it ends with the last event that was there when
	// it began, unless it follows.
	ReadStream(ctx context.Context, stream string, o ReadOptions) iter.Seq2[Recorded, error]
}

// A LogReader reads the log.
type LogReader interface {
	// ReadAll reads the log in order. It shows all that is stored: also events
	// that the metadata of their stream hides from ReadStream, until their
	// space is reclaimed.
	//
	// The cost of a read with a Query is proportional to what matches.
	//
	// The read is a snapshot: it ends with the last event that was there when
	// it began, unless it follows.
	ReadAll(ctx context.Context, o AllOptions) iter.Seq2[Recorded, error]
}

// An Inspector describes the store and its streams.
type Inspector interface {
	// Info describes the store.
	Info(ctx context.Context) (Info, error)

	// StreamInfo describes a stream. It fails for no stream: one that never
	// existed is in state [StreamMissing], one that was closed in
	// [StreamTombstoned].
	StreamInfo(ctx context.Context, stream string) (StreamInfo, error)
}

// Info describes a store.
type Info struct {
	// ID identifies the store for its whole life. A checkpoint is worth
	// nothing against a store of another ID.
	ID ID
	// Head is the position of the last event visible; zero in an empty store.
	Head Position
}

// A StreamState is the state a stream is in.
type StreamState uint8

const (
	StreamMissing     StreamState = iota // nothing was ever written to it
	StreamLive                           // it has events, hidden or not
	StreamSoftDeleted                    // it was deleted and not written to since
	StreamTombstoned                     // it was closed for good
)

// String returns "missing", "live", "soft-deleted" or "tombstoned".
func (s StreamState) String() string {
	return [...]string{"missing", "live", "soft-deleted", "tombstoned"}[s&3]
}

// StreamInfo describes a stream.
type StreamInfo struct {
	Stream string
	State  StreamState

	// Last is the revision of the last event ever written, whether or not it
	// can be read, and the one to expect next; NoStream if there is none. Of a
	// tombstoned stream it is that of the last event before the tombstone.
	Last Revision

	// First is a lower bound of the revisions that can be read, from truncation
	// and MaxCount; MaxAge is not considered. Last+1 means that none can.
	First Revision

	// Metadata is the stream's metadata, and MetadataRevision where its metadata
	// stream stands, which is what to expect when setting it: NoStream if that
	// was never done.
	Metadata         StreamMetadata
	MetadataRevision Revision
}
