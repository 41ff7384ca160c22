package targettest

import (
	"context"
	"strings"

	"github.com/cairndb/cairn/projection"
)

type memPublish = func(ctx context.Context, c projection.Change, tables []string, n projection.Names) error

// publishes breaks Publish.
func publishes(broken func(ctx context.Context, good memPublish, c projection.Change, tables []string, to projection.Names) error) func(b *breakable) {
	return func(b *breakable) {
		good := b.publish
		b.publish = func(ctx context.Context, c projection.Change, tables []string, to projection.Names) error {
			return broken(ctx, good, c, tables, to)
		}
	}
}

// discards breaks Discard.
func discards(broken func(ctx context.Context, good memPublish, c projection.Change, tables []string, of projection.Names) error) func(b *breakable) {
	return func(b *breakable) {
		good := b.discard
		b.discard = func(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
			return broken(ctx, good, c, tables, of)
		}
	}
}

var publishFlaws = []flaw{
	{name: "one table after the other", target: publishes(func(ctx context.Context, good memPublish, c projection.Change, tables []string, to projection.Names) error {
		for _, name := range tables[1:] {
			if err := good(ctx, projection.Change{Expect: c.Expect}, []string{name}, to); err != nil {
				return err
			}
			dawdle()
		}
		return good(ctx, c, tables[:1], to)
	}), caughtBy: []string{"Publish/Unnoticed", "Publish/UnderLoad", "Discard/Unnoticed"}},
	{name: "tables are gone for a moment", target: publishes(func(ctx context.Context, good memPublish, c projection.Change, tables []string, to projection.Names) error {
		if err := good(ctx, projection.Change{Expect: c.Expect}, tables, projection.Names{Build: 999}); err != nil {
			return err
		}
		dawdle()
		return good(ctx, c, tables, to)
	}), caughtBy: []string{"Publish/Unnoticed", "Publish/UnderLoad", "Discard/Unnoticed"}},
	{name: "readers first, the entry later", target: publishes(func(ctx context.Context, good memPublish, c projection.Change, tables []string, to projection.Names) error {
		if err := good(ctx, projection.Change{Expect: c.Expect}, tables, to); err != nil {
			return err
		}
		dawdle()
		return good(ctx, c, nil, to)
	}), caughtBy: []string{"Publish/OneStep", "Publish/Races"}},
	{name: "the entry first, readers later", target: publishes(func(ctx context.Context, good memPublish, c projection.Change, tables []string, to projection.Names) error {
		if err := good(ctx, c, nil, to); err != nil {
			return err
		}
		dawdle()
		return good(ctx, projection.Change{}, tables, to)
	}), caughtBy: []string{"Publish/OneStep"}},
	{name: "publishing compares nothing", target: publishes(func(ctx context.Context, good memPublish, c projection.Change, tables []string, to projection.Names) error {
		return good(ctx, projection.Change{Put: c.Put}, tables, to)
	}), caughtBy: []string{"Publish/Stale", "Publish/Races"}},
	{name: "stale publishing shows its build", target: publishes(func(ctx context.Context, good memPublish, c projection.Change, tables []string, to projection.Names) error {
		err := good(ctx, c, tables, to)
		if err != nil {
			_ = good(ctx, projection.Change{}, tables, to)
		}
		return err
	}), caughtBy: []string{"Publish/Stale"}},
	{name: "publishing changes no entry", target: publishes(func(ctx context.Context, good memPublish, c projection.Change, tables []string, to projection.Names) error {
		return good(ctx, projection.Change{Expect: c.Expect}, tables, to)
	}), caughtBy: []string{"Publish/Shows", "Publish/Again"}},
	{name: "publishing works once", target: func(b *breakable) {
		shown := projection.Names{}
		publishes(func(ctx context.Context, good memPublish, c projection.Change, tables []string, to projection.Names) error {
			if to == shown {
				return errMissing
			}
			shown = to
			return good(ctx, c, tables, to)
		})(b)
	}, caughtBy: []string{"Publish/Again"}},
	{name: "publishing forgets new tables", target: publishes(func(ctx context.Context, good memPublish, c projection.Change, tables []string, to projection.Names) error {
		return good(ctx, c, tables[len(tables)-1:], to)
	}), caughtBy: []string{"Publish/OtherTables", "Publish/Again"}},
	{name: "what readers see is dropped", target: func(b *breakable) {
		b.discard = func(ctx context.Context, c projection.Change, tables []string, of projection.Names) error {
			return b.Target.Update(ctx, c, func(_ context.Context, tx memTx) error { empty(tx, tables, of); return nil })
		}
	}, caughtBy: []string{"Discard/Published"}},
	{name: "dropping takes what begins alike", target: func(b *breakable) {
		discards(func(ctx context.Context, good memPublish, c projection.Change, tables []string, of projection.Names) error {
			err := b.Target.Update(ctx, projection.Change{}, func(_ context.Context, tx memTx) error {
				for n := range 10 {
					empty(tx, tables, projection.Names{Build: 10*of.Build + n})
				}
				return nil
			})
			if err != nil {
				return err
			}
			return good(ctx, c, tables, of)
		})(b)
	}, caughtBy: []string{"Discard/Removes"}},
	{name: "dropping removes nothing", target: discards(func(ctx context.Context, good memPublish, c projection.Change, _ []string, of projection.Names) error {
		return good(ctx, c, nil, of)
	}), caughtBy: []string{"Discard/Removes", "Discard/Published"}},
	{name: "dropping compares nothing", target: discards(func(ctx context.Context, good memPublish, c projection.Change, tables []string, of projection.Names) error {
		return good(ctx, projection.Change{Put: c.Put}, tables, of)
	}), caughtBy: []string{"Discard/Stale"}},
	{name: "dropping what is not there", target: func(b *breakable) {
		discards(func(ctx context.Context, good memPublish, c projection.Change, tables []string, of projection.Names) error {
			for _, name := range tables {
				if b.Table(of.Name(name)).Len() == 0 {
					return errMissing
				}
			}
			return good(ctx, c, tables, of)
		})(b)
	}, caughtBy: []string{"Discard/Nothing"}},
	{name: "dropping empties what readers see for a moment", target: func(b *breakable) {
		discards(func(ctx context.Context, good memPublish, c projection.Change, tables []string, of projection.Names) error {
			_ = b.Target.Publish(ctx, projection.Change{}, tables, of)
			dawdle()
			_ = b.Target.Publish(ctx, projection.Change{}, tables, projection.Names{Build: of.Build + 2})
			dawdle()
			_ = b.Target.Publish(ctx, projection.Change{}, tables, projection.Names{Build: of.Build + 1})
			return good(ctx, c, tables, of)
		})(b)
	}, caughtBy: []string{"Discard/Unnoticed"}},
}

// empty removes the rows of tables.
func empty(tx memTx, tables []string, of projection.Names) {
	for _, name := range tables {
		for key := range tx.Scan(of.Name(name), "") {
			tx.Delete(of.Name(name), strings.Clone(key))
		}
	}
}
