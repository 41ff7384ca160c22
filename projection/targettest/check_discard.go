package targettest

import (
	"errors"
	"fmt"

	"github.com/cairndb/cairn/projection"
)

func (k *kit[Tx]) discard(c projection.Change, number int, tables ...string) {
	k.Helper()
	if err := k.publisher(0).Discard(k.ctx, c, tables, projection.Names{Build: number}); err != nil {
		k.Fatalf("Discard(%v, build %d): %v", c, number, err)
	}
}

// discarding removes a build, which can then be made anew.
func discarding[Tx any](k *kit[Tx]) {
	k.build(1, 1, table, "total")
	k.build(2, 2, table, "total")
	k.build(12, 12, table, "total")
	k.publish(put("deployment", "1"), 2, table, "total")
	k.discard(move("deployment", "1", "2"), 1, table, "total")
	k.gone("item_b1")
	k.gone("total_b1")
	k.entries("deployment", projection.Entry{Key: "deployment", Value: "2"})
	k.rows(table, built(2))
	k.rows("item_b12", built(12))
	k.build(1, 7, table, "total")
	k.rows("item_b1", built(7))
	k.publish(move("deployment", "2", "3"), 1, table, "total")
	k.rows("total", built(7))
	k.discard(move("deployment", "3", ""), 2, table, "total")
	k.rows("total", built(7))
	k.entries("deployment")
}

// discardingNothing is fine: it is how a crash is made good.
func discardingNothing[Tx any](k *kit[Tx]) {
	k.discard(move("deployment", "", "1"), 3, table, "total")
	k.entries("deployment", projection.Entry{Key: "deployment", Value: "1"})
	k.build(4, 4, table)
	k.discard(move("deployment", "1", "2"), 4, table, "total")
	k.discard(move("deployment", "2", "3"), 4, table, "total")
	k.gone("item_b4")
	k.entries("deployment", projection.Entry{Key: "deployment", Value: "3"})
}

// discardingPublished fails.
func discardingPublished[Tx any](k *kit[Tx]) {
	k.build(1, 1, table, "total")
	k.publish(put("deployment", "1"), 1, table, "total")
	err := k.publisher(0).Discard(k.ctx, move("deployment", "1", "2"), []string{"total", table}, projection.Names{Build: 1})
	if err == nil || errors.Is(err, projection.ErrMoved) {
		k.Errorf("Discard of what readers see: got %v, want an error that says so", err)
	}
	k.rows(table, built(1))
	k.rows("total", built(1))
	k.entries("deployment", projection.Entry{Key: "deployment", Value: "1"})
}

// discardingStale fails and removes nothing.
func discardingStale[Tx any](k *kit[Tx]) {
	k.build(1, 1, table)
	k.apply(put("deployment", "1"))
	for _, c := range []projection.Change{move("deployment", "2", "3"), move("deployment", "", "3"), move("other", "1", "3")} {
		k.moved("Discard", k.publisher(0).Discard(k.ctx, c, []string{table}, projection.Names{Build: 1}))
		k.rows("item_b1", built(1))
	}
	k.entries("deployment", projection.Entry{Key: "deployment", Value: "1"})
}

// discardingUnseen makes, shows and drops builds, and readers see none of it.
func discardingUnseen[Tx any](k *kit[Tx]) {
	k.build(1, 1, table, "total")
	k.publish(put("deployment", "1"), 1, table, "total")
	k.whileLooking(k.looksWhole, func() {
		for i := range k.rounds(40) {
			k.build(i+2, int64(i+2), table, "total")
			k.publish(put("deployment", fmt.Sprint(i+2)), i+2, table, "total")
			k.dropWhenFree(i+1, table, "total")
		}
	})
}

// dropWhenFree discards a build that a reader may still be in the middle of.
func (k *kit[Tx]) dropWhenFree(number int, tables ...string) {
	k.Helper()
	err := again(k.ctx, k.Target, func() error {
		return k.publisher(0).Discard(k.ctx, put("dropped", fmt.Sprint(number)), tables, projection.Names{Build: number})
	})
	if err != nil {
		k.Fatalf("Discard of build %d: %v", number, err)
	}
}
