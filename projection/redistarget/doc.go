// Package redistarget keeps read models in Redis, or in a server that speaks its
// protocol and runs its scripts, such as Valkey.
//
//	target := redistarget.New(client, &redistarget.Options{Prefix: "shop:"})
//	balances := projection.Projection[*redistarget.Tx]{
//		Name:   "balances",
//		Tables: []string{"balance"},
//		Handler: projection.On(account.Events, func(ctx context.Context, tx *redistarget.Tx, e account.Event, at *projection.Event) error {
//			return tx.HIncrBy(ctx, tx.Key(at.Name("balance"), at.Stream), "cents", e.Cents).Err()
//		}),
//	}
//
// # Transactions
//
// A handler queues commands ([Tx]). One script runs all of them and moves the
// checkpoint, if the entries still stand as expected, and does nothing otherwise.
//
// Redis has transactions that cannot fail half-way, it says, and means something
// else: when a command fails while a MULTI or a script runs, because its key is of
// another type or its value no number, the others stand and nothing is rolled back.
// For a projection that would be an effect lost without a word, or one done twice.
// So this target does not use MULTI. Its script keeps what each command is about to
// overwrite, and puts it back when a later one fails. Then nothing of the transaction
// stands, and the failure is a [*CommandError] of an event, as in any database. What
// it keeps of hashes, sets and sorted sets are the elements that HSET, HINCRBY, HDEL,
// SADD, SREM, ZADD, ZINCRBY and ZREM name. With all other commands it is the whole of
// each of their keys (DUMP), so that lists, streams and strings should be small: a
// list of a million entries costs as much again with every batch. The user of the
// client needs the rights for DUMP, RESTORE, DEL, PTTL, PEXPIRE and COMMAND GETKEYS.
//
// While the script runs Redis serves nobody else, as with MULTI, and it takes some
// three times as long: in the order of ten milliseconds for a thousand commands. Lower
// MaxBatch where that is too long.
//
// Two things are not put back: messages of PUBLISH, and the lifetimes of single
// fields (HEXPIRE) of a hash whose fields were written by the transaction. Commands
// that clear or swap whole databases must not be used.
//
// # Reading in handlers
//
// Reads ([Tx].Client) see the state before the transaction, and a transaction is of
// many events. A handler must not set what it has worked out from a value it has
// read, unless MaxBatch is 1.
//
// # Keys
//
// All keys of a table are the table's name in its build, or begin with it and a
// colon: "balance_b2:ann". [Tx.Key] makes them. Keys that are made otherwise are not
// removed when the build is dropped. Readers learn from a [View] which build to read.
// The bookkeeping is the hash cairn_projection, its keys in order the sorted set
// cairn_projection:keys, and what is published the hash cairn_projection:published.
//
// In a Redis Cluster the ledger and all keys of a transaction must be in one slot, so
// that the prefix needs a hash tag ("{shop}:"); without one the runner ends with
// CROSSSLOT. Projections that shall be on different nodes need prefixes of their own.
//
// # What may get lost
//
// Rows and checkpoint are one write to Redis's append-only file, and come back
// together after a crash, as they were at some moment before: how long before is for
// the settings of Redis to say (appendfsync, save, min-replicas-to-write). The runner
// then applies the rest once more. Whoever had waited for a position may find it gone
// for that time.
//
// A Redis that evicts keys at will is refused with [ErrEvicts]. Lifetimes (EXPIRE) are
// fine for rows.
//
// The client must not have its ReadTimeout switched off: a transaction that has been
// sent is waited for no longer than that, also when the context ends.
package redistarget
