package persistent

import (
	"bytes"
	"context"
	"iter"

	"github.com/cairndb/cairn"
)

// An Entry is an event as consumers get it.
type Entry struct {
	cairn.Recorded                 // as it was read: a link, if it is one
	Link           bool            // it is a link that was followed
	Target         *cairn.Recorded // what the link leads to; nil if that cannot be had
	Place          Place
}

// A Source is what a subscription reads. It reads everything, whoever the
// consumers are: what they must not see is taken out when it is sent. Its methods
// may be called concurrently.
type Source interface {
	// Follow yields the entries behind a place, and waits for more. As with the
	// iterators of [cairn.StreamReader], passed and live are called between
	// entries: passed says that there is nothing more up to a place, live that
	// there is nothing more at all for now. The loop ends with nil when there
	// will never be more.
	Follow(ctx context.Context, behind Place, passed func(Place), live func()) iter.Seq2[Entry, error]

	// At is the entry at a place; ok reports whether there is one, still.
	At(ctx context.Context, p Place) (e Entry, ok bool, err error)

	// Resolve follows a link that was parked.
	Resolve(ctx context.Context, link cairn.Recorded) (Entry, error)

	// Last is the place of the last event there is; -1 if there is none.
	Last(ctx context.Context) (Place, error)
}

// Store is what the subscriptions need of a [cairn.Store].
type Store interface {
	cairn.Appender
	cairn.Committer
	cairn.StreamReader
	cairn.Inspector
}

// typeLink is the type of events that lead to another: their data is a revision,
// "@" and the name of a stream.
const typeLink = "$>"

// delivered is the event that a consumer is to handle.
func (e *Entry) delivered() *cairn.Recorded {
	if e.Target != nil {
		return e.Target
	}
	return &e.Recorded
}

// origin is the stream that the event is from, also where a link could not be
// followed, or was not to be.
func (e *Entry) origin() string {
	d := e.delivered()
	if _, stream, ok := bytes.Cut(d.Data, []byte("@")); ok && d.Type == typeLink {
		return string(stream)
	}
	return d.Stream
}

// own makes an entry's bytes its own: those that were read together share one
// allocation, which a single one that is kept would keep.
func (e *Entry) own() {
	e.Data, e.Metadata, e.Tags = bytes.Clone(e.Data), bytes.Clone(e.Metadata), nil
	if e.Target != nil {
		t := *e.Target
		t.Data, t.Metadata, t.Tags = bytes.Clone(t.Data), bytes.Clone(t.Metadata), nil
		e.Target = &t
	}
}

// overhead is what is counted for an event besides its bytes.
const overhead = 512

// size is about how much memory an entry takes.
func (e *Entry) size() int {
	n := overhead + len(e.Data) + len(e.Metadata)
	if e.Target != nil {
		n += len(e.Target.Data) + len(e.Target.Metadata)
	}
	return n
}
