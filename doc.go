// Package cairn is the vocabulary of an event store and the contract that
// every engine of it keeps.
//
// # Events, streams and the log
//
// An event is a fact about the business: something that happened and will
// never un-happen. A stream is the ordered history of one thing, an account or
// an order, and the log is every stream in one total order. Events are
// appended, never changed.
//
// State is not stored. It is folded from a stream by whoever needs it, and a
// [Store] answers the three questions this takes: append these events if the
// stream still stands where I read it ([Appender]), read a stream
// ([StreamReader]), read or follow the log ([LogReader]). [Committer] is the
// general write of which Append is the simple case: many streams, conditions
// over streams and queries, and an idempotency key, all or nothing.
//
//	r, err := store.Append(ctx, "order-1", cairn.NoStream,
//		cairn.Event{Type: "order.placed", Data: []byte(`{"total":12}`)})
//	...
//	_, err = store.Append(ctx, "order-1", r.Revision, cairn.Event{Type: "order.paid"})
//
// # Places
//
// A [Revision] is a place in a stream and starts at 0. A [Position] is a place
// in the log, starts at 1 and is dense, so the distance between two positions
// is the number of events between them. The revision last read is always the
// revision to expect next, and the position last seen is always the position
// to read after; both hold from the very first event, because an empty stream
// stands at [NoStream] and the zero Position is before everything.
//
// # What a Store promises
//
//  1. Atomic. A batch is stored whole or not at all, also across a crash.
//  2. Durable first. A write returns after its bytes are on stable storage.
//  3. One order. Positions are assigned by one sequencer at commit, without
//     gaps, and a position becomes visible only when every lower one is.
//  4. Conditions are exact. They are evaluated by the sequencer at commit: no
//     lost update, no false conflict.
//  5. Idempotent. The same event IDs expected at the same revision, or the same
//     key, are stored once; a retry gets the first answer, also after a restart.
//  6. Read your writes. What a write returned, every later read sees.
//  7. No loss downstream. A reader that has been told it is at position p was
//     offered every matching event up to p.
//  8. Honest storage. Bytes that fail their checksum are reported, never
//     returned. After a failed sync the store stops accepting writes and says why.
//  9. Bounded. Memory does not grow with the number of streams or events; the
//     cost of a filtered read is proportional to what matches; the time to
//     reopen does not grow with the size of the store.
//
// Package storetest holds every engine to them.
//
// This package imports the standard library only.
package cairn
