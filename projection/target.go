package projection

import "context"

// A Ledger keeps the bookkeeping of projections: a small ordered map of texts, in
// the database that holds the read models. Its methods may be called concurrently.
type Ledger interface {
	// Entries returns the entries whose key begins with prefix, ordered by key,
	// as one committed state shows them. In a database that holds none yet, also
	// where nothing was ever set up, it is empty.
	Entries(ctx context.Context, prefix string) ([]Entry, error)

	// Apply makes a change on its own, without rows. It fails with ErrMoved, and
	// changes nothing, if an expected entry does not stand as the change says.
	Apply(ctx context.Context, c Change) error

	// Fault sorts an error that a method of this target, or a handler that used
	// its transaction, has returned.
	Fault(err error) Fault

	// Traits says what the target can promise.
	Traits() Traits
}

// A Target is a database that holds read models, and the bookkeeping beside them.
// Tx is what handlers write with: the user's own transaction type.
type Target[Tx any] interface {
	Ledger

	// Update runs fn and makes a change, both or neither. It fails with ErrMoved,
	// and fn's writes are undone, if an expected entry does not stand as the
	// change says; it looks before it runs fn, and whoever changes one of these
	// entries meanwhile waits or makes Update fail. An error of fn is returned
	// as it is, or wrapped, and everything is undone.
	//
	// An error that is neither fn's nor ErrMoved leaves the outcome open: the
	// entries tell, because a change always changes what it expects.
	//
	// fn may be run more than once, each time from the beginning, if the database
	// wants a transaction to be tried again.
	//
	// A target without transactions ([Traits]) writes what fn wrote before the
	// entries change, each row only if it is not from that event or a later one.
	Update(ctx context.Context, c Change, fn func(ctx context.Context, tx Tx) error) error
}

// A Publisher is a target that can hold several builds of a projection and show
// readers one of them. A target that is none can only run projections without
// Tables.
type Publisher interface {
	Ledger

	// Publish makes each table's plain name stand for that table of a build, all
	// in one step: no reader sees a mixture, none meets an error, and none sees
	// a table gone. The change is made in the same step where the database can,
	// and otherwise so that doing all of it again after a crash does no harm.
	// It fails with ErrMoved, and shows nothing else, if an expected entry does
	// not stand as the change says; the expected entries cannot change while it
	// is under way.
	Publish(ctx context.Context, c Change, tables []string, to Names) error

	// Discard removes the tables of a build, if they are there, and makes the
	// change in the same step or after it. Readers of other builds notice
	// nothing. Tables that are published fail.
	Discard(ctx context.Context, c Change, tables []string, of Names) error
}

// An Entry is a piece of bookkeeping. Keys are made of the letters a to z, digits
// and the characters "/", "-", "_" and ".", and have at most 255 of them. Values
// are JSON texts of at most 64 KiB; the empty value stands for an entry that is
// not there.
type Entry struct{ Key, Value string }

// A Change is what one transaction does to the bookkeeping.
type Change struct {
	// Expect is how entries must stand, to the byte. An empty value means that
	// there must be none.
	Expect []Entry

	// Put is how entries stand afterwards. An empty value removes the entry.
	Put []Entry
}

// Traits say what a target can promise.
type Traits struct {
	// Transactional means that rows and bookkeeping change together or not at all.
	// Otherwise each write carries the position of its event, and a row that has
	// seen that event or a later one is left as it is: the same in the end, as
	// long as handlers write a row at most once for an event, and do not read.
	Transactional bool

	// Undoes means that the transaction can be taken back whole, tables that it
	// has made included: AsOf and Check need it.
	Undoes bool

	// Volatile says what a crash of the database itself may lose: "" for nothing.
	Volatile string
}

// A Fault says whose an error is.
type Fault uint8

const (
	// FaultEvent is an error of the event in hand: a handler's own, a violated
	// constraint, a value out of range. The projection's Failures decide.
	FaultEvent Fault = iota
	// FaultAgain is a transaction that lost against another one: a deadlock, a
	// serialization failure. It is tried again at once, and no event is blamed.
	FaultAgain
	// FaultDown is a database that does not answer or cannot write for now: it is
	// starting, read-only, full, has no connection left. It is tried again for as
	// long as it takes, slower and slower, and the status says so.
	FaultDown
	// FaultSetup is for a person to mend: wrong credentials, a missing schema or
	// table, no rights. The runner ends with the error.
	FaultSetup
)

// String returns "event", "again", "down" or "setup".
func (f Fault) String() string { return [...]string{"event", "again", "down", "setup"}[f&3] }
