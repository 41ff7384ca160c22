package targettest

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/cairndb/cairn/projection"
)

// rowsAreKept has keys that a database may take to be the same, and numbers at the
// ends of the range.
func rowsAreKept[Tx any](k *kit[Tx]) {
	k.make(table)
	keys := []string{
		"a", "A", "ä", "a\u0308", "ß", "ss", "a ", " a", "a\t", "日本", "😀", "'", `"`, `\`, `\'`, "%", "_", "?", "$1", ":a", "{}", "a/b", "a.b", "a:b", "a*", "-1", "0", "null", "NULL", "\n",
		strings.Repeat("k", 200),
	}
	numbers := []int64{0, -1, math.MaxInt64, math.MinInt64, 1 << 53, 1<<53 + 1}
	var rows []Row
	want := map[string]int64{}
	for i, key := range keys {
		rows = append(rows, k.row(key, numbers[i%len(numbers)]))
		want[key] = numbers[i%len(numbers)]
	}
	k.update(put("lane/0", "1"), k.writes(rows...))
	k.rows(table, want)
}

// rowsWithNUL are texts too.
func rowsWithNUL[Tx any](k *kit[Tx]) {
	k.make(table)
	k.update(put("lane/0", "1"), k.writes(k.row("a", 1), k.row("a\x00", 2), k.row("\x00", 3), k.row("a\x00b", 4)))
	k.rows(table, map[string]int64{"a": 1, "a\x00": 2, "\x00": 3, "a\x00b": 4})
}

// rowsOfOneUpdate build on each other.
func rowsOfOneUpdate[Tx any](k *kit[Tx]) {
	k.make(table)
	k.update(put("lane/0", "1"), func(ctx context.Context, tx Tx) error {
		if err := k.writes(k.row("a", 1), k.row("a", 5))(ctx, tx); err != nil {
			return err
		}
		return k.adds(k.row("a", 2), k.row("a", 3), k.row("b", 4), k.row("b", -1))(ctx, tx)
	})
	k.rows(table, map[string]int64{"a": 10, "b": 3})
	k.update(move("lane/0", "1", "2"), k.adds(k.row("a", 1)))
	k.rows(table, map[string]int64{"a": 11, "b": 3})
}

func rowsAreDeleted[Tx any](k *kit[Tx]) {
	if k.Delete == nil {
		k.Skip("the subject cannot delete")
	}
	k.make(table)
	k.update(put("lane/0", "1"), k.writes(k.row("a", 1), k.row("b", 2)))
	k.update(put("lane/0", "2"), func(ctx context.Context, tx Tx) error {
		if err := k.Delete(ctx, tx, k.row("a", 0)); err != nil {
			return err
		}
		return k.Delete(ctx, tx, k.row("nobody", 0))
	})
	k.rows(table, map[string]int64{"b": 2})
	k.update(put("lane/0", "3"), k.writes(k.row("a", 3)))
	k.rows(table, map[string]int64{"a": 3, "b": 2})
}

// rowsMany are those of a full batch.
func rowsMany[Tx any](k *kit[Tx]) {
	n := 4096
	if testing.Short() {
		n = 1000
	}
	k.make(table)
	want := map[string]int64{}
	var rows []Row
	for i := range n {
		r := k.row(fmt.Sprintf("key %d", i), int64(i))
		rows, want[r.Key] = append(rows, r), r.N
	}
	k.update(put("lane/0", "1"), k.writes(rows...))
	k.rows(table, want)
}

// rowsAreHidden until the update has ended well.
func rowsAreHidden[Tx any](k *kit[Tx]) {
	k.make(table)
	k.update(put("lane/0", "1"), k.writes(k.row("a", 1)))
	k.update(move("lane/0", "1", "2"), func(ctx context.Context, tx Tx) error {
		if err := k.Put(ctx, tx, k.row("a", 2)); err != nil {
			return err
		}
		got, err := k.Rows(ctx, table)
		if err != nil || got[0]["a"] != 1 {
			return fmt.Errorf("while an update is under way readers see %v, %v", got, err)
		}
		return nil
	})
	k.rows(table, map[string]int64{"a": 2})
}

// rowsAppearTogether has two rows that always change together, and a reader.
func rowsAppearTogether[Tx any](k *kit[Tx]) {
	k.make(table)
	k.update(put("lane/0", "0"), k.writes(k.row("a", 0), k.row("b", 0)))
	k.whileLooking(func() error {
		got, err := k.Rows(k.ctx, table)
		if err != nil || got[0]["a"] != got[0]["b"] {
			return fmt.Errorf("rows that change together: %v, %v", got, err)
		}
		return nil
	}, func() {
		for i := range k.rounds(300) {
			n := int64(i + 1)
			k.update(move("lane/0", fmt.Sprint(i), fmt.Sprint(n)), k.writes(k.row("a", n), k.row("b", n)))
		}
	})
}

// rowsBehindEntries: who sees the entry of an update sees its rows.
func rowsBehindEntries[Tx any](k *kit[Tx]) {
	k.make(table)
	k.update(put("lane/0", "0"), k.writes(k.row("a", 0)))
	k.whileLooking(func() error {
		at, err := k.stands(k.Second, "lane/0")
		if err != nil {
			return err
		}
		got, err := k.Rows(k.ctx, table)
		if err != nil || got[0]["a"] < int64(at) {
			return fmt.Errorf("the entry said %d, and the rows read after it are %v, %v", at, got, err)
		}
		return nil
	}, func() {
		for i := range k.rounds(300) {
			k.update(move("lane/0", fmt.Sprint(i), fmt.Sprint(i+1)), k.writes(k.row("a", int64(i+1))))
		}
	})
}

// traits are what the check of each was based on.
func traits[Tx any](k *kit[Tx]) {
	t := k.Target.Traits()
	if t.Undoes && !t.Transactional {
		k.Errorf("Traits %+v: what cannot change together cannot be taken back", t)
	}
	if t.Transactional && k.Add == nil {
		k.Errorf("the subject of a transactional target must say how to add to a row")
	}
	if k.Second.Traits() != t {
		k.Errorf("two targets on one database promise %+v and %+v", t, k.Second.Traits())
	}
	if err := k.Target.Apply(k.ctx, projection.Change{}); err != nil {
		k.Errorf("a change of nothing: %v", err)
	}
}
