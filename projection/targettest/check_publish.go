package targettest

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/cairndb/cairn/projection"
)

// publisher is the target as one. The other handle is Second's.
func (k *kit[Tx]) publisher(i int) projection.Publisher { return k.handle(i).(projection.Publisher) }

// build makes the tables of a build, with the rows a, b and c that all hold n.
func (k *kit[Tx]) build(number int, n int64, tables ...string) {
	k.Helper()
	names := projection.Names{Build: number}
	k.update(put(fmt.Sprintf("built/%d", number), "1"), func(ctx context.Context, tx Tx) error {
		for _, name := range tables {
			if err := k.setUp(ctx, tx, names.Name(name)); err != nil {
				return err
			}
			for _, key := range []string{"a", "b", "c"} {
				if err := k.Put(ctx, tx, k.rowOf(names.Name(name), key, n)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// built is what a table of a build holds.
func built(n int64) map[string]int64 { return map[string]int64{"a": n, "b": n, "c": n} }

// publish shows a build, which must succeed.
func (k *kit[Tx]) publish(c projection.Change, number int, tables ...string) {
	k.Helper()
	if err := k.publisher(0).Publish(k.ctx, c, tables, projection.Names{Build: number}); err != nil {
		k.Fatalf("Publish(%v, build %d): %v", c, number, err)
	}
}

// publishing shows one build after the other, and the first one again.
func publishing[Tx any](k *kit[Tx]) {
	k.build(1, 1, table)
	k.publish(move("deployment", "", "1"), 1, table)
	k.rows(table, built(1))
	k.build(2, 2, table)
	k.rows(table, built(1))
	k.publish(move("deployment", "1", "2"), 2, table)
	k.rows(table, built(2))
	k.rows("item_b1", built(1))
	k.update(put("lane/0", "1"), k.writes(k.rowOf("item_b2", "a", 7), k.rowOf("item_b1", "a", 8)))
	k.rows(table, map[string]int64{"a": 7, "b": 2, "c": 2})
	k.publish(move("deployment", "2", "3"), 1, table)
	k.rows(table, map[string]int64{"a": 8, "b": 1, "c": 1})
	k.entries("deployment", projection.Entry{Key: "deployment", Value: "3"})
}

// publishingOthers has builds whose tables are not the same.
func publishingOthers[Tx any](k *kit[Tx]) {
	k.build(9, 9, table, "total")
	k.publish(put("deployment", "9"), 9, table, "total")
	k.build(10, 10, table, "total", "extra")
	k.publish(put("deployment", "10"), 10, "extra", table, "total")
	for _, name := range []string{table, "total", "extra"} {
		k.rows(name, built(10))
	}
	k.publish(put("deployment", "11"), 9, "total", table)
	k.rows(table, built(9))
	k.rows("total", built(9))
}

// publishingStale fails and shows nothing else.
func publishingStale[Tx any](k *kit[Tx]) {
	k.build(1, 1, table)
	k.build(2, 2, table)
	k.publish(move("deployment", "", "1"), 1, table)
	for _, c := range []projection.Change{move("deployment", "2", "3"), move("deployment", "", "3"), move("other", "1", "3")} {
		k.moved("Publish", k.publisher(0).Publish(k.ctx, c, []string{table}, projection.Names{Build: 2}))
		k.rows(table, built(1))
	}
	k.entries("deployment", projection.Entry{Key: "deployment", Value: "1"})
	k.entries("other")
}

// publishingAgain is what happens after a crash.
func publishingAgain[Tx any](k *kit[Tx]) {
	k.build(1, 1, table, "total")
	for i := range 3 {
		k.publish(put("deployment", fmt.Sprint(i+1)), 1, table, "total")
		if err := k.publisher(1).Publish(k.ctx, put("deployment", `"again"`), []string{table, "total"}, projection.Names{Build: 1}); err != nil {
			k.Errorf("publishing what is published: %v", err)
		}
		k.rows(table, built(1))
		k.rows("total", built(1))
	}
	k.entries("deployment", projection.Entry{Key: "deployment", Value: `"again"`})
}

// publishingRaces has two publish different builds where only one of them may: what
// readers see is the build that the entry names.
func publishingRaces[Tx any](k *kit[Tx]) {
	k.build(1, 1, table)
	k.build(2, 2, table)
	k.publish(put("deployment", "1"), 1, table)
	now := 1
	for round := range k.rounds(50) {
		at := fmt.Sprint(now)
		var won atomic.Int64
		k.together(2, func(who int) error {
			next := 10*round + 11 + who // its last digit is the build
			err := again(k.ctx, k.handle(who), func() error {
				return k.publisher(who).Publish(k.ctx, move("deployment", at, fmt.Sprint(next)), []string{table}, projection.Names{Build: who + 1})
			})
			if err == nil {
				won.Add(1)
			}
			if errors.Is(err, projection.ErrMoved) {
				return nil
			}
			return err
		})
		var err error
		if now, err = k.stands(k.Target, "deployment"); err != nil {
			k.Fatal(err)
		}
		if won.Load() != 1 {
			k.Errorf("round %d: of two that publish where one of them may, %d have", round, won.Load())
		}
		k.rows(table, built(int64(now%10)))
	}
}

// again makes a call again as long as it loses against another one.
func again(ctx context.Context, l projection.Ledger, call func() error) error {
	for {
		err := call()
		if err == nil || errors.Is(err, projection.ErrMoved) || ctx.Err() != nil || l.Fault(err) != projection.FaultAgain {
			return err
		}
	}
}
