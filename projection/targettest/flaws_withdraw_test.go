package targettest

import (
	"context"

	"github.com/cairndb/cairn/projection"
)

type memWithdraw = func(ctx context.Context, c projection.Change, tables []string) error

// withdraws breaks Withdraw.
func withdraws(broken func(ctx context.Context, b *breakable, good memWithdraw, c projection.Change, tables []string) error) func(b *breakable) {
	return func(b *breakable) {
		good := b.withdraw
		b.withdraw = func(ctx context.Context, c projection.Change, tables []string) error {
			return broken(ctx, b, good, c, tables)
		}
	}
}

var withdrawFlaws = []flaw{
	{name: "withdrawing does nothing", target: withdraws(func(ctx context.Context, _ *breakable, good memWithdraw, c projection.Change, _ []string) error {
		return good(ctx, c, nil)
	}), caughtBy: []string{"Withdraw/Removes", "Withdraw/Nothing", "Withdraw/Again", "Withdraw/Races", "Withdraw/Unnoticed", "Withdraw/EntryLast"}},
	{name: "withdrawing forgets tables", target: withdraws(func(ctx context.Context, _ *breakable, good memWithdraw, c projection.Change, tables []string) error {
		return good(ctx, c, tables[:min(len(tables), 1)])
	}), caughtBy: []string{"Withdraw/Removes", "Withdraw/Nothing", "Withdraw/Again"}},
	{name: "withdrawing changes no entry", target: withdraws(func(ctx context.Context, _ *breakable, good memWithdraw, c projection.Change, tables []string) error {
		return good(ctx, projection.Change{Expect: c.Expect}, tables)
	}), caughtBy: []string{"Withdraw/Removes", "Withdraw/Nothing", "Withdraw/Again", "Withdraw/Races"}},
	{name: "withdrawing compares nothing", target: withdraws(func(ctx context.Context, _ *breakable, good memWithdraw, c projection.Change, tables []string) error {
		return good(ctx, projection.Change{Put: c.Put}, tables)
	}), caughtBy: []string{"Withdraw/Stale", "Withdraw/Races"}},
	{name: "withdrawing compares one entry", target: withdraws(func(ctx context.Context, _ *breakable, good memWithdraw, c projection.Change, tables []string) error {
		c.Expect = c.Expect[:min(len(c.Expect), 1)]
		return good(ctx, c, tables)
	}), caughtBy: []string{"Withdraw/Stale"}},
	{name: "stale withdrawing takes names away", target: withdraws(func(ctx context.Context, _ *breakable, good memWithdraw, c projection.Change, tables []string) error {
		err := good(ctx, c, tables)
		if err != nil {
			_ = good(ctx, projection.Change{}, tables)
		}
		return err
	}), caughtBy: []string{"Withdraw/Stale"}},
	{name: "names go before entries are compared", target: withdraws(func(ctx context.Context, _ *breakable, good memWithdraw, c projection.Change, tables []string) error {
		for _, name := range tables[:min(len(tables), 1)] {
			_ = good(ctx, projection.Change{}, []string{name})
		}
		return good(ctx, c, tables)
	}), caughtBy: []string{"Withdraw/Stale"}},
	{name: "the entry first, the names later", target: withdraws(func(ctx context.Context, b *breakable, good memWithdraw, c projection.Change, tables []string) error {
		if err := good(ctx, c, nil); err != nil {
			return err
		}
		for read, n := b.reads.Load(), 0; b.reads.Load() < read+2 && n < 100; n++ { // the first one is done when the second is
			dawdle()
		}
		return good(ctx, projection.Change{}, tables)
	}), caughtBy: []string{"Withdraw/EntryLast"}},
	{name: "tables of builds go with the name", target: withdraws(func(ctx context.Context, b *breakable, good memWithdraw, c projection.Change, tables []string) error {
		err := good(ctx, c, tables)
		for n := range 3 {
			_ = b.Target.Update(ctx, projection.Change{}, func(_ context.Context, tx memTx) error { empty(tx, tables, projection.Names{Build: n + 1}); return nil })
		}
		return err
	}), caughtBy: []string{"Withdraw/Removes", "Withdraw/Nothing", "Withdraw/Again"}},
	{name: "a table with the plain name goes", target: withdraws(func(ctx context.Context, b *breakable, good memWithdraw, c projection.Change, tables []string) error {
		if err := good(ctx, c, tables); err != nil {
			return err
		}
		return b.Target.Update(ctx, projection.Change{}, func(_ context.Context, tx memTx) error { empty(tx, tables, projection.Names{}); return nil })
	}), caughtBy: []string{"Withdraw/Nothing"}},
	{name: "names that stand for nothing fail", target: withdraws(func(ctx context.Context, b *breakable, good memWithdraw, c projection.Change, tables []string) error {
		for _, name := range tables {
			if rows, err := readRows(b.Target, []string{name}); err != nil || len(rows[0]) == 0 {
				return errMissing
			}
		}
		return good(ctx, c, tables)
	}), caughtBy: []string{"Withdraw/Nothing", "Withdraw/Again", "Withdraw/Unnoticed"}},
	{name: "all names go", target: withdraws(func(ctx context.Context, _ *breakable, good memWithdraw, c projection.Change, tables []string) error {
		return good(ctx, c, append([]string{table, "total", "other"}, tables...))
	}), caughtBy: []string{"Withdraw/Removes", "Withdraw/Nothing", "Withdraw/Unnoticed"}},
	{name: "other names go for a moment", target: withdraws(func(ctx context.Context, b *breakable, good memWithdraw, c projection.Change, tables []string) error {
		_ = good(ctx, projection.Change{}, []string{table})
		dawdle()
		_ = b.Target.Publish(ctx, projection.Change{}, []string{table}, projection.Names{Build: 1})
		return good(ctx, c, tables)
	}), caughtBy: []string{"Withdraw/Unnoticed"}},
	{name: "what was withdrawn cannot be shown again", target: func(b *breakable) {
		gone := map[string]bool{}
		withdraws(func(ctx context.Context, _ *breakable, good memWithdraw, c projection.Change, tables []string) error {
			err := good(ctx, c, tables)
			for _, name := range tables {
				gone[name] = gone[name] || err == nil
			}
			return err
		})(b)
		publishes(func(ctx context.Context, good memPublish, c projection.Change, tables []string, to projection.Names) error {
			for _, name := range tables {
				if gone[name] {
					return good(ctx, c, nil, to)
				}
			}
			return good(ctx, c, tables, to)
		})(b)
	}, caughtBy: []string{"Withdraw/Removes", "Withdraw/Again"}},
}
