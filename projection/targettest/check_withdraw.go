package targettest

import (
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/cairndb/cairn/projection"
)

// withdrawer is the target as one. The other handle is Second's.
func (k *kit[Tx]) withdrawer(i int) projection.Withdrawer {
	return k.handle(i).(projection.Withdrawer)
}

// withdraw takes names away, which must succeed.
func (k *kit[Tx]) withdraw(c projection.Change, tables ...string) {
	k.Helper()
	err := again(k.ctx, k.Target, func() error { return k.withdrawer(0).Withdraw(k.ctx, c, tables) })
	if err != nil {
		k.Fatalf("Withdraw(%v, %v): %v", c, tables, err)
	}
}

// withdrawing takes plain names away, and nothing else: the tables of builds stay,
// can be shown again, and are discarded like any that nobody sees.
func withdrawing[Tx any](k *kit[Tx]) {
	k.build(1, 1, table, "total", "other")
	k.build(2, 2, table, "total")
	k.publish(put("deployment", "1"), 1, table, "total", "other")
	k.publish(put("deployment", "2"), 2, table, "total")
	k.withdraw(move("deployment", "2", "3"), table, "total")
	k.gone(table)
	k.gone("total")
	k.entries("deployment", projection.Entry{Key: "deployment", Value: "3"})
	for n := range 2 {
		k.rows(fmt.Sprintf("item_b%d", n+1), built(int64(n+1)))
		k.rows(fmt.Sprintf("total_b%d", n+1), built(int64(n+1)))
	}
	k.rows("other", built(1))
	k.publish(move("deployment", "3", "4"), 1, "total")
	k.rows("total", built(1))
	k.gone(table)
	k.discard(move("deployment", "4", "5"), 1, table)
	k.gone("item_b1")
	k.withdraw(move("deployment", "5", ""), "total")
	k.discard(projection.Change{}, 1, "total")
	k.gone("total_b1")
	k.rows("item_b2", built(2))
	k.entries("deployment")
}

// withdrawingNothing leaves alone what was never published: names of no table, of a
// table that was made with a plain name, of one that only builds have.
func withdrawingNothing[Tx any](k *kit[Tx]) {
	k.withdraw(move("deployment", "", "1"), table, "total")
	k.entries("deployment", projection.Entry{Key: "deployment", Value: "1"})
	k.make("mine")
	k.update(put("lane/0", "1"), k.writes(k.rowOf("mine", "a", 7)))
	k.build(1, 1, table, "total")
	k.publish(put("deployment", "2"), 1, table)
	k.withdraw(move("deployment", "2", "3"))
	k.withdraw(move("deployment", "3", "4"), "mine", "total", "never", "item_b1")
	k.rows("mine", map[string]int64{"a": 7})
	k.rows(table, built(1))
	k.rows("total_b1", built(1))
	k.withdraw(move("deployment", "4", "5"), "never", table, "mine")
	k.gone(table)
	k.rows("mine", map[string]int64{"a": 7})
	k.rows("item_b1", built(1))
	k.entries("deployment", projection.Entry{Key: "deployment", Value: "5"})
}

// withdrawingStale fails and takes nothing away.
func withdrawingStale[Tx any](k *kit[Tx]) {
	k.build(1, 1, table, "total")
	k.publish(move("deployment", "", "1"), 1, table, "total")
	both := move("deployment", "1", "3")
	both.Expect = append(both.Expect, projection.Entry{Key: "other", Value: "1"})
	for _, c := range []projection.Change{move("deployment", "2", "3"), move("deployment", "", "3"), move("other", "1", "3"), both} {
		for i := range 2 {
			k.moved("Withdraw", k.withdrawer(i).Withdraw(k.ctx, c, []string{table, "total"}))
			k.rows(table, built(1))
			k.rows("total", built(1))
		}
	}
	k.entries("deployment", projection.Entry{Key: "deployment", Value: "1"})
	k.entries("other")
}

// withdrawingAgain is what happens after a crash, and in another life.
func withdrawingAgain[Tx any](k *kit[Tx]) {
	k.build(1, 1, table, "total")
	for i := range 3 {
		k.publish(put("deployment", fmt.Sprint(i+1)), 1, table, "total")
		k.rows(table, built(1))
		k.withdraw(put("deployment", `"gone"`), table)
		for who := range 2 {
			err := again(k.ctx, k.handle(who), func() error {
				return k.withdrawer(who).Withdraw(k.ctx, put("deployment", `"gone"`), []string{table, "total"})
			})
			if err != nil {
				k.Errorf("withdrawing what is gone: %v", err)
			}
			k.gone(table)
			k.gone("total")
		}
		k.rows("item_b1", built(1))
	}
	k.entries("deployment", projection.Entry{Key: "deployment", Value: `"gone"`})
}

// withdrawingRaces has one publish and another one withdraw where one of them may:
// readers see what the entry says.
func withdrawingRaces[Tx any](k *kit[Tx]) {
	k.build(1, 1, table)
	k.build(2, 2, table)
	k.publish(put("deployment", "1"), 1, table)
	now := 1
	for round := range k.rounds(50) {
		at, tables := fmt.Sprint(now), []string{table}
		var won atomic.Int64
		k.together(2, func(who int) error {
			build := (who + round) % 2 * 2 // whoever is quicker, both win in some rounds
			c := move("deployment", at, fmt.Sprint(10*round+10+build))
			err := again(k.ctx, k.handle(who), func() error {
				if build == 0 {
					return k.withdrawer(who).Withdraw(k.ctx, c, tables)
				}
				return k.publisher(who).Publish(k.ctx, c, tables, projection.Names{Build: build})
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
			k.Errorf("round %d: of one that publishes and one that withdraws, where one of them may, %d have", round, won.Load())
		}
		if now%10 == 0 {
			k.gone(table)
		} else {
			k.rows(table, built(2))
		}
	}
}
