// Package persistent is the machine of KurrentDB's persistent subscriptions:
// consumers that compete for the events of a stream or of the log, on one server,
// which remembers for them how far they have come. It knows nothing of the wire.
//
//	source ──▶ reader ──▶ fresh ▪▪▪▪ ──┐
//	                                    ├──▶ strategy ──▶ consumers
//	             ┌─────▶ retries ▪▪ ──┘                    │ ack, nack,
//	             │                                            │ too late, gone
//	             └── again ◀── what came of it ◀─────────────┘
//	                                │ settled        │ parked
//	                                ▼                 ▼
//	                            checkpoint         links
//
// The reader follows the source while there are consumers, as far as the buffers
// have room. Everything it has read stands in a ledger until it is settled, and
// the lowest entry of that says how far the subscription has come, whatever came
// of those behind. An event that is parked is settled when the link to it is
// stored. So whatever happens, each event is delivered, or parked, at least once.
//
// When the last consumer goes, what was never delivered is forgotten and read
// again later; of what was, the place is kept and how often it has failed. Nothing
// runs then, and nothing is held that grows.
//
// # What is stored
//
// The streams are KurrentDB's, because its tools and clients read them. All
// subscriptions are described by the last event of "$persistentSubscriptionConfig".
// How far one has come is the last event of
// "$persistentsubscription-STREAM::GROUP-checkpoint", and what it has parked are
// the links in "…-parked". A configuration has one thing more: where the end was
// when a subscription was created that starts there, so that it does not move if
// the server is restarted before the first checkpoint.
//
// # Why it is not package group
//
// Both share events among consumers, and next to nothing else is the same. A group
// keeps the order of keys, so an event that fails stops its key, and the unit that
// is owned is a partition; here consumers compete for single events, later ones
// overtake those that fail, and a pinned key is a preference of the one server. A
// group's members are processes that may die and are fenced off by the revision
// of a progress stream; here there is one process, and to settle is a change in
// memory. A group's progress stream lists the positions that are not settled, so
// that a crash repeats little; the protocol's checkpoint is a single place, and a
// crash repeats everything behind it. A group parks keys with all that follows, as
// notes about positions; the protocol parks single events, as links that clients
// read. Even what sounds alike, the set of unsettled positions, is kept there to be
// written down by partition and here only to know the lowest. To serve one by the
// other would bend both, so this package is its own.
package persistent
