package targettest

import (
	"context"
	"fmt"

	"github.com/cairndb/cairn/projection"
)

// lanesSideBySide runs updates of other lanes while one is under way.
func lanesSideBySide[Tx any](k *kit[Tx]) {
	k.make(table)
	k.lanes(3)
	k.update(move("lane/0", "0", "1"), func(ctx context.Context, tx Tx) error {
		if err := k.Put(ctx, tx, k.row("a", 1)); err != nil {
			return err
		}
		for i := range 2 {
			c := move(fmt.Sprintf("lane/%d", i+1), "0", "1")
			c.Put = append(c.Put, projection.Entry{Key: fmt.Sprintf("parked/%d", i), Value: "1"})
			if err := k.handle(i).Update(k.ctx, c, k.writes(k.row(fmt.Sprint("b", i), 2))); err != nil {
				return fmt.Errorf("another lane: %w", err)
			}
		}
		return k.Put(ctx, tx, k.row("c", 3))
	})
	k.rows(table, map[string]int64{"a": 1, "b0": 2, "b1": 2, "c": 3})
}

// lanes makes the entries of n lanes.
func (k *kit[Tx]) lanes(n int) {
	k.Helper()
	var c projection.Change
	for i := range n {
		c.Put = append(c.Put, projection.Entry{Key: fmt.Sprintf("lane/%d", i), Value: "0"})
	}
	k.apply(c)
}

// lanesAtOnce has lanes count in rows of their own, and in one that they share.
func lanesAtOnce[Tx any](k *kit[Tx]) {
	const lanes, each = 4, 20
	k.make(table)
	k.lanes(lanes)
	k.together(lanes, func(lane int) error {
		key := fmt.Sprintf("lane/%d", lane)
		for n := range each {
			fn := k.adds(k.row(key, 1), k.row("shared", 1))
			if err := k.insist(k.handle(lane), move(key, fmt.Sprint(n), fmt.Sprint(n+1)), fn); err != nil {
				return fmt.Errorf("lane %d, update %d: %w", lane, n, err)
			}
		}
		return nil
	})
	want := map[string]int64{"shared": lanes * each}
	for lane := range lanes {
		want[fmt.Sprintf("lane/%d", lane)] = each
	}
	k.rows(table, want)
}

// lanesInTheWay of each other: they write the same rows, in opposite order. Both
// succeed, or one is told to try again, and no rows are of both.
func lanesInTheWay[Tx any](k *kit[Tx]) {
	k.make(table)
	k.lanes(2)
	for round := range 3 { // a database may take a second to see a deadlock
		var first [2]met
		k.together(2, func(lane int) error {
			key := fmt.Sprintf("lane/%d", lane)
			return k.insist(k.handle(lane), move(key, fmt.Sprint(round), fmt.Sprint(round+1)), func(ctx context.Context, tx Tx) error {
				rows := []string{"a", "b"}
				if err := k.Put(ctx, tx, k.row(rows[lane], int64(lane))); err != nil {
					return err
				}
				first[lane].tell()
				k.aWhile(first[1-lane].told())
				return k.Put(ctx, tx, k.row(rows[1-lane], int64(lane)))
			})
		})
		got := k.read(table)[0]
		if len(got) != 2 || got["a"] != got["b"] {
			k.Fatalf("round %d: two updates that write the same rows left %v", round, got)
		}
	}
}

// pausedOwner has a lane taken by somebody else while its owner stands still. What
// the owner then wants to write is not written, or the other one had to wait.
func pausedOwner[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(put("lane/0", `{"position":1,"epoch":1}`))
	took := make(chan error, 1)
	err := k.Target.Update(k.ctx, move("lane/0", `{"position":1,"epoch":1}`, `{"position":9,"epoch":1}`), once(func(ctx context.Context, tx Tx) error {
		if err := k.Put(ctx, tx, k.row("owner", 1)); err != nil {
			return err
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			took <- k.Second.Apply(k.ctx, move("lane/0", `{"position":1,"epoch":1}`, `{"position":1,"epoch":2}`))
		}()
		k.aWhile(done)
		return k.Put(ctx, tx, k.row("late", 1))
	}))
	switch other := <-took; {
	case err == nil:
		k.moved("taking a lane whose owner was quicker", other)
		k.rows(table, map[string]int64{"owner": 1, "late": 1})
	case other == nil:
		if k.Target.Fault(err) != projection.FaultAgain {
			k.moved("the owner that wakes up too late", err)
		}
		if k.Target.Traits().Transactional {
			k.rows(table, map[string]int64{})
		}
	default:
		k.Errorf("neither the owner nor who took the lane has moved it: %v; %v", err, other)
	}
}
