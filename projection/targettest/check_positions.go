package targettest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/projection"
)

// at is a row written for the event at a position.
func at(p cairn.Position, key string, n int64) Row { return Row{Table: table, Key: key, N: n, At: p} }

// positionsAgain writes the same event again.
func positionsAgain[Tx any](k *kit[Tx]) {
	k.make(table)
	for i := range 3 {
		k.update(put("lane/0", fmt.Sprint(i)), k.writes(at(5, "a", 5)))
		k.rows(table, map[string]int64{"a": 5})
	}
	k.update(put("lane/0", "3"), k.writes(at(6, "a", 6)))
	k.rows(table, map[string]int64{"a": 6})
}

// positionsOlder writes an event that is older than what the row has seen.
func positionsOlder[Tx any](k *kit[Tx]) {
	k.make(table)
	k.update(put("lane/0", "1"), k.writes(at(7, "a", 7), at(8, "b", 8)))
	k.update(put("lane/0", "2"), k.writes(at(5, "a", 5), at(6, "b", 6), at(6, "c", 6), at(9, "b", 9)))
	k.rows(table, map[string]int64{"a": 7, "b": 9, "c": 6})
	k.update(put("lane/0", "3"), k.writes(at(100, "a", 100), at(1<<40, "c", 40)))
	k.update(put("lane/0", "4"), k.writes(at(99, "a", 99), at(1<<40-1, "c", 39)))
	k.rows(table, map[string]int64{"a": 100, "b": 9, "c": 40})
}

// positionsDeleted keeps an older event from bringing back what a later one removed.
func positionsDeleted[Tx any](k *kit[Tx]) {
	if k.Delete == nil {
		k.Skip("the subject cannot delete")
	}
	k.make(table)
	k.update(put("lane/0", "1"), k.writes(at(5, "a", 5), at(6, "b", 6)))
	k.update(put("lane/0", "2"), func(ctx context.Context, tx Tx) error { return k.Delete(ctx, tx, at(7, "a", 0)) })
	k.rows(table, map[string]int64{"b": 6})
	k.update(put("lane/0", "3"), k.writes(at(5, "a", 5), at(6, "b", 6)))
	k.rows(table, map[string]int64{"b": 6})
	k.update(put("lane/0", "4"), func(ctx context.Context, tx Tx) error { return k.Delete(ctx, tx, at(5, "b", 0)) })
	k.rows(table, map[string]int64{"b": 6})
	k.update(put("lane/0", "5"), k.writes(at(8, "a", 8)))
	k.rows(table, map[string]int64{"a": 8, "b": 6})
}

// positionsCrash loses the entry between rows and entries, and goes on from the
// checkpoint before.
func positionsCrash[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(put("lane/0", "0"))
	err := k.Target.Update(k.ctx, move("lane/0", "0", "3"), func(ctx context.Context, tx Tx) error {
		if err := k.Second.Apply(ctx, move("lane/0", "0", `"taken"`)); err != nil {
			return err
		}
		return k.writes(at(1, "a", 1), at(2, "b", 2), at(3, "a", 3))(ctx, tx)
	})
	k.moved("Update whose entry was moved meanwhile", err)
	k.update(move("lane/0", `"taken"`, "1"), k.writes(at(1, "a", 1)))
	k.update(move("lane/0", "1", "2"), k.writes(at(2, "b", 2)))
	k.update(move("lane/0", "2", "3"), k.writes(at(3, "a", 3)))
	k.rows(table, map[string]int64{"a": 3, "b": 2})
}

// positionsStory has two runners apply pieces of one log, each from where the entry
// stood when it last looked. In the end all is as if one had applied it once.
func positionsStory[Tx any](k *kit[Tx]) {
	k.make(table)
	k.lanes(1)
	const events, keys = 300, 12
	log, want := story(events, keys)
	k.together(2, func(who int) error {
		for {
			from, err := k.stands(k.handle(who), "lane/0")
			if err != nil || from == events {
				return err
			}
			to := min(from+1+rand.IntN(20), events)
			if err := k.apart(who, from, to, log[from:to]); err != nil {
				return err
			}
		}
	})
	if got := k.read(table)[0]; !maps.Equal(got, want) {
		k.Errorf("after %d events of two runners there is %v, want %v", events, got, want)
	}
}

// apart applies a piece of the log. Losing the entry to the other one, and an error
// thrown in, are all in a day's work.
func (k *kit[Tx]) apart(who, from, to int, rows []Row) error {
	thrown := rand.IntN(4) == 0
	some := rows
	if thrown {
		some = rows[:rand.IntN(len(rows))]
	}
	err := k.insist(k.handle(who), move("lane/0", fmt.Sprint(from), fmt.Sprint(to)), func(ctx context.Context, tx Tx) error {
		if err := k.writes(some...)(ctx, tx); err != nil || !thrown {
			return err
		}
		return errEnough
	})
	if err == nil || errorsAre(err, errEnough, projection.ErrMoved) {
		return nil
	}
	return err
}

func story(events, keys int) (log []Row, want map[string]int64) {
	want = map[string]int64{}
	for i := range events {
		r := at(cairn.Position(i+1), fmt.Sprintf("key %d", rand.IntN(keys)), int64(i))
		log, want[r.Key] = append(log, r), r.N
	}
	return log, want
}
