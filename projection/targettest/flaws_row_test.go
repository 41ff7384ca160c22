package targettest

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

// keys breaks what a row's key becomes.
func keys(change func(key string) string) func(b *breakable, s *Subject[memTx]) {
	return func(_ *breakable, s *Subject[memTx]) {
		good := s.Put
		s.Put = func(ctx context.Context, tx memTx, r Row) error {
			r.Key = change(r.Key)
			return good(ctx, tx, r)
		}
	}
}

var rowFlaws = []flaw{
	{name: "keys in one case", subject: keys(strings.ToLower), caughtBy: []string{"Rows/Kept"}},
	{name: "keys without blanks", subject: keys(func(key string) string { return strings.TrimRight(key, " ") }), caughtBy: []string{"Rows/Kept"}},
	{name: "keys end at NUL", subject: keys(func(key string) string { before, _, _ := strings.Cut(key, "\x00"); return before }), caughtBy: []string{"Rows/NUL"}},
	{name: "numbers of 53 bits", subject: func(_ *breakable, s *Subject[memTx]) {
		good := s.Put
		s.Put = func(ctx context.Context, tx memTx, r Row) error {
			r.N = int64(float64(r.N))
			return good(ctx, tx, r)
		}
	}, caughtBy: []string{"Rows/Kept"}},
	{name: "a sum of what was read too early", subject: func(b *breakable, s *Subject[memTx]) {
		s.Add = func(_ context.Context, tx memTx, r Row) error {
			n, _ := memtarget.Value[int64](b.Table(r.Table).Get(r.Key))
			dawdle()
			tx.Set(r.Table, r.Key, n+r.N)
			return nil
		}
	}, caughtBy: []string{"Lanes/AtOnce", "Rows/OfOneUpdate"}},
	{name: "rows are seen before they are written", subject: func(b *breakable, s *Subject[memTx]) {
		s.Put = func(ctx context.Context, _ memTx, r Row) error {
			return b.Target.Update(ctx, projection.Change{}, func(_ context.Context, tx memTx) error {
				tx.Set(r.Table, r.Key, r.N)
				return nil
			})
		}
	}, caughtBy: []string{"Rows/Hidden", "Rows/Together", "Lanes/InTheWay", "Undo/Errors", "Undo/Panics", "Undo/Tables", "Contexts/EndUpdates", "Expect/Meanwhile"}},
	{name: "deleting what is not there", subject: func(b *breakable, s *Subject[memTx]) {
		s.Delete = func(_ context.Context, tx memTx, r Row) error {
			if _, ok := tx.Get(r.Table, r.Key); !ok {
				return errMissing
			}
			tx.Delete(r.Table, r.Key)
			return nil
		}
	}, caughtBy: []string{"Rows/Deleted"}},
	{name: "tables that stay", subject: func(b *breakable, s *Subject[memTx]) {
		s.Make = func(ctx context.Context, _ memTx, table string) error {
			return b.Target.Update(ctx, projection.Change{}, func(_ context.Context, tx memTx) error {
				if _, ok := tx.Get(table, "made"); ok {
					return errors.New("there is a table of that name already")
				}
				tx.Set(table, "made", int64(1))
				return nil
			})
		}
	}, caughtBy: []string{"Undo/Tables"}},
	{name: "the other target is of another database", subject: func(_ *breakable, s *Subject[memTx]) {
		s.Second = newBreakable()
	}, caughtBy: []string{"Entries/Change", "Races/OneWins"}},
}

// older breaks when a row is written over.
func older(before func(written, now cairn.Position) bool) func(l *loose) {
	return func(l *loose) { l.before = before }
}

var looseFlaws = []looseFlaw{
	{name: "the last to write wins", target: older(func(_, _ cairn.Position) bool { return true }), caughtBy: []string{"Positions/Older", "Positions/Deleted", "Positions/Story"}},
	{name: "the first to write wins", target: older(func(_, _ cairn.Position) bool { return false }), caughtBy: []string{"Positions/Again", "Positions/Older", "Positions/Crash", "Positions/Story"}},
	{name: "positions are texts", target: older(func(written, now cairn.Position) bool { return fmt.Sprint(written) < fmt.Sprint(now) }), caughtBy: []string{"Positions/Older", "Positions/Story"}},
	{name: "positions of 32 bits", target: older(func(written, now cairn.Position) bool { return uint32(written) < uint32(now) }), caughtBy: []string{"Positions/Older"}},
	{name: "entries are changed first", target: func(l *loose) {
		l.update = func(ctx context.Context, l *loose, c projection.Change, fn func() error) error {
			if err := l.Apply(ctx, c); err != nil {
				return err
			}
			return fn()
		}
	}, caughtBy: []string{"Positions/Story", "Undo/Errors"}},
	{name: "nothing is compared at the end", target: func(l *loose) {
		l.update = func(ctx context.Context, l *loose, c projection.Change, fn func() error) error {
			if err := l.Apply(ctx, projection.Change{Expect: c.Expect}); err != nil {
				return err
			}
			if err := fn(); err != nil {
				return err
			}
			return l.Apply(ctx, projection.Change{Put: c.Put})
		}
	}, caughtBy: []string{"Positions/Crash", "Lanes/PausedOwner"}},
}
