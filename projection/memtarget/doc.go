// Package memtarget keeps read models in memory: in tables of values by key, for
// tests, and for services that fold the whole log when they start.
//
//	target := memtarget.New()
//	balances := projection.Projection[*memtarget.Tx]{
//		Name:   "balances",
//		Tables: []string{"balance"},
//		Handler: projection.On(account.Events, func(_ context.Context, tx *memtarget.Tx, e account.Event, at *projection.Event) error {
//			cents, _ := memtarget.Value[int64](tx.Get(at.Name("balance"), at.Stream))
//			tx.Set(at.Name("balance"), at.Stream, cents+e.Cents)
//			return nil
//		}),
//	}
//	go projection.Run(ctx, store, target, balances, nil)
//	cents, ok := memtarget.Value[int64](target.Table("balance").Get("account-ann"))
//
// # Transactions
//
// A transaction is as good as alone: if a row that it has read was changed before
// it could end, its function is run again. Transactions that do not meet run side
// by side, and readers wait for none, but for the moment in which it is written.
//
// Values belong to the target once they are set, and are handed out as they are.
// Who has them must not change them, but set others.
package memtarget
