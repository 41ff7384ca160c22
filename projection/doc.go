// Package projection turns the log into read models: tables, documents or keys in
// a database that people like to query, each event applied exactly once.
//
//	balances := projection.Projection[pgx.Tx]{
//		Name:    "balances",
//		Version: 1,
//		Tables:  []string{"balance"},
//		Setup: func(ctx context.Context, tx pgx.Tx, n projection.Names) error {
//			_, err := tx.Exec(ctx, `CREATE TABLE `+n.Name("balance")+` (account text PRIMARY KEY, cents bigint NOT NULL)`)
//			return err
//		},
//		Handler: projection.On(account.Events, func(ctx context.Context, tx pgx.Tx, e account.Event, at *projection.Event) error {
//			…
//		}),
//	}
//	err := projection.Run(ctx, store, target, balances, nil)
//
// # What is promised
//
// Rows and checkpoint are written in one transaction of the database that holds
// them ([Target]). The checkpoint moves by compare-and-set and names its owner, so
// that of two runners one writes, and one that was paused and wakes up writes
// nothing. A database without transactions is made idempotent by position instead,
// and its target says so in [Traits].
//
// # Builds
//
// A projection has a name and the version of its code. What a version has built,
// from the log's first event on, is a build: it has a number, tables of its own
// (balance_b2), and a checkpoint. Readers see the build that is active, under the
// plain name (balance). [Deploy] makes another one beside it and, when it is level,
// puts it in the first one's place in one step.
//
// # Lanes
//
// A projection with Lanes is applied by several transactions at a time: each event
// belongs to the lane of its key, and each lane has a checkpoint. Events of one key
// are applied in order; those of different lanes are not ordered among each other.
//
// # Bookkeeping
//
// All that a projection remembers is entries, a key and a JSON text each, which the
// target keeps beside the rows and changes with them ([Entry], [Change]). What the
// entries mean is this package's own business, and the same in every database.
package projection
