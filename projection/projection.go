package projection

import (
	"context"

	"github.com/cairndb/cairn"
)

// A Projection says what a read model is made of. Tx is the transaction type of
// the target it is for. It may be used by several runners at once.
type Projection[Tx any] struct {
	// Name identifies the projection in its target: a to z, digits, "-" and "_",
	// 48 at most.
	Name string

	// Version is that of the code; zero means 1. Raise it whenever what Handler,
	// Setup, Query or Key do has changed, and Deploy builds the read model anew
	// beside the old one. A version that was built with another Query, other
	// Tables or Lanes is refused with ErrChanged.
	Version int

	// Handler applies events, and says of which types.
	Handler Handler[Tx]

	// Query narrows the events further. Nil means all events of the types that
	// Handler names. Where both are given an event must match both.
	Query cairn.Query

	// Tables are the plain names of what the projection writes: tables,
	// collections, indices or prefixes of keys. Handler and Setup ask
	// [Names.Name] for what they are called in their build. A projection without
	// Tables writes where it likes, and then there can be one build only.
	// A name that is another projection's in the same target is refused, and so is
	// one that a build of another table has, such as balance_b2.
	Tables []string

	// Setup makes the tables of a new build, in the transaction that begins it.
	// Nil is for targets that need none.
	Setup func(ctx context.Context, tx Tx, n Names) error

	// Finish completes a build that has become level, before readers see it:
	// indices that would have slowed the load, say. It is run again after a crash
	// and must bear that. Nil is fine.
	Finish func(ctx context.Context, tx Tx, n Names) error

	// Key says which events must be applied in order, and what is parked
	// together. Nil means those of a stream. It must depend on the event only. To
	// be parked it must be a text (UTF-8) of at most 8 KiB: else the runner stops.
	Key func(*cairn.Recorded) string

	// Lanes is into how many transactions at a time the keys are divided. Zero
	// means 1; at most 64. It is heeded when a build begins.
	Lanes int

	// Failures says what becomes of an event that cannot be applied.
	Failures Failures

	// Lineage, if not nil, names the rows that an event has an effect on, such as
	// "balance/ann". It is recorded with the effect, for Explain, and costs an
	// entry in the ledger for each.
	Lineage func(*cairn.Recorded) []string
}

// Failures is what becomes of an event that cannot be applied, after it was tried
// Attempts times. A handler may decide for itself: [Stop], [Park] and [Skip].
type Failures uint8

const (
	// StopOnFailure ends the runner with a *FailureError. Nothing after the event
	// is applied until somebody has mended the code or the database.
	StopOnFailure Failures = iota
	// ParkOnFailure parks the event and all later ones of its key, and goes on
	// with the others.
	ParkOnFailure
	// SkipOnFailure leaves the event out and keeps a record of it.
	SkipOnFailure
)

// String returns "stop", "park" or "skip".
func (f Failures) String() string { return [...]string{"stop", "park", "skip", "?"}[f&3] }

// An Event is an event to apply, as a handler is given it.
type Event struct {
	cairn.Recorded
	Names
}

// Names are what the tables of one build are called. The zero Names are those of a
// projection without Tables: plain.
type Names struct {
	// Build is the number of the build; zero is plain.
	Build int
}
