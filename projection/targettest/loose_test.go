package targettest

import (
	"context"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

// A loose target has no transactions: rows are written at once, and each knows
// from which event it is.
type loose struct {
	*memtarget.Target
	before func(written, now cairn.Position) bool // whether a row may be written over
	update func(ctx context.Context, l *loose, c projection.Change, fn func() error) error
}

func newLoose() *loose {
	return &loose{
		Target: memtarget.New(),
		before: func(written, now cairn.Position) bool { return written < now },
		update: func(ctx context.Context, l *loose, c projection.Change, fn func() error) error {
			if err := l.Apply(ctx, projection.Change{Expect: c.Expect}); err != nil {
				return err
			}
			if err := fn(); err != nil {
				return err
			}
			return l.Apply(ctx, c)
		},
	}
}

// looseTx is what handlers are given.
type looseTx struct{ *loose }

func (l *loose) Traits() projection.Traits { return projection.Traits{} }

func (l *loose) Update(ctx context.Context, c projection.Change, fn func(ctx context.Context, tx looseTx) error) error {
	return l.update(ctx, l, c, func() error { return fn(ctx, looseTx{l}) })
}

// A versioned is a row with the position of its event.
type versioned struct {
	n    int64
	at   cairn.Position
	gone bool
}

func (tx looseTx) write(ctx context.Context, r Row, gone bool) error {
	return tx.Target.Update(ctx, projection.Change{}, func(_ context.Context, m memTx) error {
		old, ok := memtarget.Value[versioned](m.Get(r.Table, r.Key))
		if !ok || tx.before(old.at, r.At) {
			m.Set(r.Table, r.Key, versioned{r.N, r.At, gone})
		}
		return nil
	})
}

// looseMemory is a subject whose database is memory without transactions.
func looseMemory(l *loose) Subject[looseTx] {
	return Subject[looseTx]{
		Target: l,
		Second: l,
		Put:    func(ctx context.Context, tx looseTx, r Row) error { return tx.write(ctx, r, false) },
		Delete: func(ctx context.Context, tx looseTx, r Row) error { return tx.write(ctx, r, true) },
		Rows: func(_ context.Context, tables ...string) (all []map[string]int64, _ error) {
			l.View(func(v memtarget.View) {
				for _, name := range tables {
					rows := map[string]int64{}
					for key, row := range v.Scan(name, "") {
						if row := row.(versioned); !row.gone {
							rows[key] = row.n
						}
					}
					all = append(all, rows)
				}
			})
			return all, nil
		},
	}
}

// TestLoose holds a target without transactions to the kit.
func TestLoose(t *testing.T) {
	Run(t, func(testing.TB) Subject[looseTx] { return looseMemory(newLoose()) })
}
