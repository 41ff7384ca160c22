// Package system holds the stores under test behind one small interface.
//
// Each is used the way its own documentation tells a careful user to: one
// transaction, batch or message per append, in which the revision that the
// caller expects of the stream is checked, and an acknowledgement only after
// the bytes were synced. Where a store syncs once per transaction, the package
// commits the transactions that are waiting together ([queue]), so that what is
// compared is not merely who groups commits and who does not.
//
// A read does the same work whatever the store: each event comes out as a
// [cairn.Recorded] whose names are strings and whose bytes the reader may keep.
// What a store hands out for a moment only, as Pebble, bbolt and the drivers of
// the databases do, is therefore copied, as every program that keeps it has to.
package system

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"time"

	"github.com/cairndb/cairn"
)

// A System is one store, open in a place of its own.
type System interface {
	// Append stores events at the end of a stream that must stand at the
	// revision expected; else it fails with [cairn.ErrConflict] and stores
	// nothing. It may be called concurrently, for each stream once at a time.
	Append(ctx context.Context, stream string, expected cairn.Revision, events []cairn.Event) error

	// ReadAll reads every event, in order.
	ReadAll(ctx context.Context) (Tally, error)

	// Close stops it cleanly. What was stored can be opened again.
	Close() error
}

// A Tally counts events and the bytes of their data and metadata.
type Tally struct{ Events, Bytes int64 }

// event counts an event that was read.
func (t *Tally) event(e *cairn.Recorded) {
	t.Events++
	t.Bytes += int64(len(e.Data) + len(e.Metadata))
	runtime.KeepAlive(e.Stream) // or the compiler might leave out the reading
}

// What some systems can do besides.
type (
	// A Loader fills an empty store as fast as it can; each chunk may be one
	// transaction. Expectations hold and need not be checked.
	Loader interface {
		Load(ctx context.Context, chunks iter.Seq[[]cairn.Write]) error
	}

	// A StreamReader reads a whole stream.
	StreamReader interface {
		ReadStream(ctx context.Context, stream string) (Tally, error)
	}

	// A TypeReader reads the events of one type, in order, through an index.
	TypeReader interface {
		ReadType(ctx context.Context, eventType string) (Tally, error)
	}

	// A Follower delivers every event stored after it has called ready, until
	// the context ends.
	Follower interface {
		Follow(ctx context.Context, ready, visit func()) error
	}

	// An Accountant tells how much processor time its own processes, other than
	// this one, have used so far.
	Accountant interface {
		CPU(ctx context.Context) (time.Duration, error)
	}

	// A Host is a server that many can follow.
	Host interface {
		Accountant

		// Crowd lets followers come: slow ones follow everything and do not
		// receive, others follow a stream each that nothing is written to. It
		// returns when all follow, and what it returns lets them leave.
		Crowd(ctx context.Context, followers int, slow bool) (leave func(), err error)

		// Resident is how many bytes of memory the server occupies.
		Resident() (int64, error)
	}

	// A Versioner names the server behind it and its version.
	Versioner interface {
		Version(ctx context.Context) string
	}

	// A Reactor has the members of a group share the work of handling what is
	// in its log.
	Reactor interface {
		// React makes a group of the name, which is new, that begins at the
		// beginning of the log, and returns when so many events are settled
		// and that is written down.
		React(ctx context.Context, w Reaction) error

		// Left is how many events are not settled by what is written down.
		Left(ctx context.Context, group string) (int64, error)
	}

	// An Owner is a store of Cairn's.
	Owner interface{ Cairn() cairn.Store }

	// A LogSizer tells how many bytes the events and their framing take.
	LogSizer interface {
		LogBytes(ctx context.Context) (int64, error)
	}
)

// A Reaction is what a group is to do.
type Reaction struct {
	Group   string
	Members int
	Events  int64             // in the log
	Handle  func(data []byte) // called concurrently
}

// Options say where and for what a system is opened.
type Options struct {
	Dir     string // exists; the system's alone
	Writers int    // that will append at once, for those that are tuned by it
}

// A Spec is one way to run a store.
type Spec struct {
	Name  string // as on the command line
	Title string // as in a table

	// Volatile means that it acknowledges what a power failure can take back.
	Volatile bool
	// Unchecked means that it ignores expected revisions.
	Unchecked bool
	// Hollow means that it stores nothing.
	Hollow bool
	// WritesOnly means that reading it would measure another spec again.
	WritesOnly bool

	// Slow, if not zero, is how many events are loaded at most: enough for so
	// slow a system to be measured.
	Slow int

	Open func(ctx context.Context, o Options) (System, error)

	// Sweep removes what lies outside the directories of the stores opened.
	Sweep func(ctx context.Context) error
}

// All lists every system, Cairn first.
func All() []Spec {
	return []Spec{
		{Name: "cairn", Title: "**Cairn**", Open: openCairn},
		{Name: "raw", Title: "raw limit", Unchecked: true, WritesOnly: true, Open: openRaw},
		{Name: "jetstream-always", Title: "NATS JetStream, sync always", WritesOnly: true, Open: openJetStreamAlways},
		{Name: "jetstream", Title: "NATS JetStream, default (**not durable**)", Volatile: true, Open: openJetStreamDefault},
		{Name: "postgres", Title: "PostgreSQL", Open: openPostgres, Sweep: sweepPostgres},
		{Name: "sqlite", Title: "SQLite, grouped", Open: openSQLite},
		{Name: "bbolt", Title: "bbolt, grouped", Open: openBboltGrouped},
		{Name: "bbolt-batch", Title: "bbolt, DB.Batch", WritesOnly: true, Open: openBboltBatch},
		{Name: "pebble", Title: "Pebble, sync batch", Open: openPebble},
	}
}

// Find returns the spec of a name.
func Find(name string) (Spec, error) {
	for _, spec := range All() {
		if spec.Name == name {
			return spec, nil
		}
	}
	return Spec{}, fmt.Errorf("there is no system %q", name)
}
