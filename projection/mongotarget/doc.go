// Package mongotarget keeps read models in MongoDB.
//
//	target := mongotarget.New(client.Database("shop"), nil)
//	balances := projection.Projection[*mongotarget.Tx]{
//		Name:   "balances",
//		Tables: []string{"balance"},
//		Handler: projection.On(account.Events, func(ctx context.Context, tx *mongotarget.Tx, e account.Event, at *projection.Event) error {
//			…
//			return tx.Upsert(at.Position, at.Name("balance"), e.Account, bson.M{"$inc": bson.M{"cents": e.Cents}})
//		}),
//	}
//
// # With transactions
//
// With [Options.Transactions] an update is one transaction of MongoDB: documents
// and checkpoint change together. It takes a replica set or a sharded cluster,
// version 4.4 or later. Handlers may do anything with [Tx.Database] and the context
// they are given, which carries the session, and may read.
//
// # Without transactions
//
// Otherwise writes are made idempotent by position, which any server can bear.
// Handlers write with [Tx.Upsert], [Tx.Update] and [Tx.Delete] only, do not read,
// and write a document at most once for an event. A document then carries the
// position of the last event that wrote it in its field _cairn, and a write is left
// out if it finds that or a later one there. That takes that a document is written
// by events of one key (Projection.Key) only, because events of different keys,
// or a parked one that is retried, may come in any order.
//
// What is collected is sent in order, in one bulk write for each collection, after
// the handler and before the checkpoint. When the server is cut off in between, the
// same events come again and are left out one by one.
//
// A document that is deleted becomes a small tombstone with the fields _cairn and
// _gone, the time, as otherwise a runner that was paused could bring it back with an
// older event. Readers leave tombstones out with [Live], and [TombstoneIndex] is an
// index that has the server remove them after a time. With transactions there are
// none.
//
// # Bookkeeping
//
// The entries of all projections of a database lie in its collection
// cairn_projection, one document each. Without transactions a change of several
// entries is first written, whole, into one document of that collection (its _id is
// "#") with a version that is compared, and from there into the others: by whoever
// comes by, if the one that began cannot. The same document says which build of a
// table readers see, so that a switch of all tables of a projection is one write to
// one document. [Collection] looks there. Changes of one database therefore happen
// one at a time; each takes some four short calls. One change has to fit into a
// document of MongoDB, 16 MiB.
//
// The two modes can be used one after the other on the same database, not at the
// same time.
//
// # What it was tried with
//
// The mode without transactions is held to package targettest on FerretDB 1.24 over
// SQLite (folder compat/mongodb), and on a MongoDB server where one is given.
// FerretDB 1 has no transactions, no views, no TTL indices and no update pipelines:
// the mode with transactions is tried against a server that plays a script, and for
// the rest on a real server only. FerretDB 1 over SQLite also stands still when one
// command updates more than some 100 documents that are there: it is for tests, and
// for projections whose Options.MaxBatch is small.
//
// # Sources
//
// The meaning of error codes and labels is from MongoDB's list of error codes
// (mongodb/mongo, src/mongo/base/error_codes.yml) and from the driver
// specifications (mongodb/specifications, "Retryable Writes" and "Transactions").
package mongotarget
