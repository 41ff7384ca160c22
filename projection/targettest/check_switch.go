package targettest

import (
	"fmt"
	"maps"

	"github.com/cairndb/cairn/projection"
)

// switching goes from build to build, with readers who must not notice.
func switching[Tx any](k *kit[Tx]) {
	for i := range 3 {
		k.build(i+1, int64(i+1), table, "total")
	}
	k.publish(put("deployment", "1"), 1, table, "total")
	k.whileLooking(k.looksWhole, func() {
		for i := range k.rounds(150) {
			k.publish(move("deployment", fmt.Sprint(i+1), fmt.Sprint(i+2)), i%3+1, table, "total")
		}
	})
}

// looksWhole reads both tables as a reader does.
func (k *kit[Tx]) looksWhole() error {
	for _, tables := range k.readings() {
		got, err := k.Rows(k.ctx, tables...)
		if err != nil {
			return fmt.Errorf("a reader met: %w", err)
		}
		for _, rows := range got {
			n := got[0]["a"]
			if n == 0 || !maps.Equal(rows, built(n)) {
				return fmt.Errorf("a reader of %v saw %v", tables, got)
			}
		}
	}
	return nil
}

// readings are the tables that can be read together.
func (k *kit[Tx]) readings() [][]string {
	if k.lack(Moments) {
		return [][]string{{table}, {"total"}}
	}
	return [][]string{{table, "total"}, {"total", table}, {table}}
}

// switchingUnderLoad goes on writing to both builds meanwhile.
func switchingUnderLoad[Tx any](k *kit[Tx]) {
	k.build(1, 1, table, "total")
	k.build(2, 2, table, "total")
	k.lanes(1)
	k.publish(put("deployment", "1"), 1, table, "total")
	n := 0
	k.whileLooking(func() error {
		rows := []Row{k.rowOf("item_b1", "a", 1), k.rowOf("total_b2", "a", 2), k.rowOf("total_b1", "a", 1), k.rowOf("item_b2", "a", 2)}
		err := k.insist(k.Second, move("lane/0", fmt.Sprint(n), fmt.Sprint(n+1)), k.writes(rows...))
		n++
		return err
	}, func() {
		k.whileLooking(k.looksWhole, func() {
			for i := range k.rounds(60) {
				c := move("deployment", fmt.Sprint(i+1), fmt.Sprint(i+2))
				err := again(k.ctx, k.Target, func() error {
					return k.publisher(0).Publish(k.ctx, c, []string{table, "total"}, projection.Names{Build: i%2 + 1})
				})
				if err != nil {
					k.Fatalf("Publish beside updates: %v", err)
				}
			}
		})
	})
}

// switchingInOneStep compares what readers see with what the entry says.
func switchingInOneStep[Tx any](k *kit[Tx]) {
	k.build(1, 1, table)
	k.build(2, 2, table)
	k.publish(put("deployment", "1"), 1, table)
	k.whileLooking(func() error {
		before, err := k.stands(k.Second, "deployment")
		if err != nil {
			return err
		}
		got, err := k.Rows(k.ctx, table)
		if err != nil {
			return err
		}
		after, err := k.stands(k.Second, "deployment")
		if want := int64(2 - before%2); err == nil && before == after && got[0]["a"] != want {
			return fmt.Errorf("the entry says build %d and readers see %v", want, got[0])
		}
		return err
	}, func() {
		for i := range k.rounds(100) {
			k.publish(move("deployment", fmt.Sprint(i+1), fmt.Sprint(i+2)), 2-i%2, table)
		}
	})
}
