package targettest

import (
	"context"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// A Subject is an empty database, by way of the target under test. Each check is
// given one of its own. What was opened for it is closed, and what it has left in
// a database that others use too is removed, by the Cleanup of its test.
type Subject[Tx any] struct {
	// Target is the one under test. If it is a [projection.Publisher], or a
	// [projection.Withdrawer], it is held to that as well.
	Target projection.Target[Tx]

	// Second is another target on the same database, with connections of its own,
	// as another process has.
	Second projection.Target[Tx]

	// Make makes a table, collection or the like, as a projection's Setup does: of
	// rows that have a text as their key, and a number. The table's name is that
	// of a build, such as "balance_b2", or plain. Nil is for databases that need
	// no such thing.
	Make func(ctx context.Context, tx Tx, table string) error

	// Put makes a row be what it is told, whether it was there or not.
	Put func(ctx context.Context, tx Tx, r Row) error

	// Add adds N to a row that may not be there, and then counts as zero. It is
	// left nil, and what needs it is skipped, if the target's Traits say that it
	// is not transactional; all others must have it.
	Add func(ctx context.Context, tx Tx, r Row) error

	// Delete removes a row that may not be there. Nil skips what needs it.
	Delete func(ctx context.Context, tx Tx, r Row) error

	// Rows reads whole tables as readers do: with a connection that is neither of
	// the targets'. It is given names of builds, or the plain names that readers
	// use. It reads all of them as of one moment, or says in Lacks that it cannot,
	// and returns the numbers by key for each. A table that is not there is an
	// error, or empty where tables need not be made. It may be called concurrently.
	Rows func(ctx context.Context, tables ...string) ([]map[string]int64, error)

	// Faults are ways to make the database fail.
	Faults Faults[Tx]

	// Lacks are the features that the database does not have. What needs them is
	// skipped by name.
	Lacks []Feature

	// Except is why a check is not for this target, by the check's name. It is for
	// what no Feature says, and it is read by people.
	Except map[string]string
}

// A Row is what a handler writes.
type Row struct {
	Table string // as the build calls it, or plain
	Key   string // any text
	N     int64

	// At is the position of the event that it is written for. Targets with
	// transactions have no use for it.
	At cairn.Position
}

// Faults are ways to make a database fail, each in a way that a target must know
// by its error. Those that are nil are not tried.
type Faults[Tx any] struct {
	// Violate does what the database refuses because of the row's contents: a key
	// that is there already, a number out of range. The table was made by Make and
	// is empty.
	Violate func(ctx context.Context, tx Tx, table string) error

	// Missing writes to a table that is not there.
	Missing func(ctx context.Context, tx Tx, table string) error

	// Clash brings a transaction to lose against another one, as in a deadlock,
	// and returns the loser's error as the database gave it.
	Clash func(t testing.TB) error

	// Cut breaks all connections of Target, as a database does that is started
	// anew, so that it notices when it uses them next. It must be able to connect
	// again.
	Cut func(t testing.TB)

	// Down returns a target whose database does not answer.
	Down func(t testing.TB) projection.Target[Tx]

	// Locked returns a target that is not let in: a wrong password, or a database
	// that is not there.
	Locked func(t testing.TB) projection.Target[Tx]
}

// A Feature is something that a database may lack and still be of use.
type Feature string

// The features, by what is missing without them.
const (
	// SideBySide is that updates which expect different entries and write
	// different rows do not wait for each other.
	SideBySide Feature = "updates side by side"
	// Moments is reading several tables as of one moment.
	Moments Feature = "reading tables as of one moment"
	// NUL is keeping the character NUL in the key of a row.
	NUL Feature = "NUL in texts"
	// OneStep is that Publish and Discard change the entries and what readers see
	// in the same step.
	OneStep Feature = "publishing and bookkeeping in one step"
)
