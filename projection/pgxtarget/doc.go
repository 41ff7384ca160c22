// Package pgxtarget keeps read models in PostgreSQL by way of pgx: handlers write
// with a pgx.Tx, with COPY and batches of statements if they like.
//
//	target := pgxtarget.New(pool)
//	err := projection.Run(ctx, store, target, balances, nil)
//
// # Writing fast
//
// A handler for single events that writes with tx.Exec waits for the server at
// each of them. [Queue] does not wait: what a whole transaction's events have
// queued goes to the server together, with the commit.
//
//	projection.On(account.Events, func(ctx context.Context, tx pgx.Tx, e account.Event, at *projection.Event) error {
//		return pgxtarget.Queue(ctx, tx, at, `INSERT INTO `+at.Name("entry")+` VALUES ($1, $2)`, at.Position, e.Cents)
//	})
//
// A handler made with projection.OnBatch can load with tx.CopyFrom, the fastest
// way there is.
//
// # What is in the database
//
// The bookkeeping, the tables of builds and the views that readers use are those
// of package sqltarget in the same schema: a read model that one of them has
// begun the other continues, and both may run side by side. The bookkeeping's
// table, cairn_projection, makes itself when it is first written. It lies in the
// first schema of the connection's search_path, as do tables named without one.
//
// # Transactions
//
// A transaction is two round trips, and those of the handlers. The first one
// begins it and changes the entries, if they stand as expected, so that a runner
// that lost waits or ends before it does any work; the second one carries what is
// queued, and commits. Transactions are at the isolation level that is the
// session's default.
//
// The pool may connect by way of a pooler of transactions, such as PgBouncer: set
// the DefaultQueryExecMode of its connections to one without prepared statements,
// such as pgx.QueryExecModeExec or pgx.QueryExecModeSimpleProtocol.
package pgxtarget
