package targettest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/cairndb/cairn/projection"
)

// races has two updaters move the same entry, again and again: one of them does.
func races[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(put("lane/0", "0"))
	now := "0"
	for i := range k.rounds(1000) {
		var won [2]bool
		k.together(2, func(who int) error {
			c := move("lane/0", now, fmt.Sprintf(`{"round":%d,"by":%d}`, i, who))
			err := k.insist(k.handle(who), c, k.writes(k.row("winner", int64(2*i+who))))
			won[who] = err == nil
			if errors.Is(err, projection.ErrMoved) {
				return nil
			}
			return err
		})
		if won[0] == won[1] {
			k.Fatalf("round %d: of two updaters that expect the same entry, these have won: %v", i, won)
		}
		who := 0
		if won[1] {
			who = 1
		}
		now = fmt.Sprintf(`{"round":%d,"by":%d}`, i, who)
		k.entries("lane/0", projection.Entry{Key: "lane/0", Value: now})
		if k.Target.Traits().Transactional {
			k.rows(table, map[string]int64{"winner": int64(2*i + who)})
		}
	}
}

// handle is one of the two targets.
func (k *kit[Tx]) handle(i int) projection.Target[Tx] {
	if i%2 == 0 {
		return k.Target
	}
	return k.Second
}

// counting has many count in one row and one entry, each from where it has seen it.
func counting[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(put("lane/0", "0"))
	var counted atomic.Int64
	const goroutines, each = 6, 15
	k.together(goroutines, func(who int) error {
		for n := 0; n < each; {
			at, err := k.stands(k.handle(who), "lane/0")
			if err != nil {
				return err
			}
			err = k.insist(k.handle(who), move("lane/0", fmt.Sprint(at), fmt.Sprint(at+1)), k.adds(k.row("sum", 1)))
			switch {
			case err == nil:
				n++
				counted.Add(1)
			case !errors.Is(err, projection.ErrMoved):
				return err
			}
		}
		return nil
	})
	k.rows(table, map[string]int64{"sum": counted.Load()})
	k.entries("lane/0", projection.Entry{Key: "lane/0", Value: fmt.Sprint(counted.Load())})
}

// stands is the number that an entry holds. It may be called from any goroutine.
func (k *kit[Tx]) stands(l projection.Ledger, key string) (int, error) {
	all, err := l.Entries(k.ctx, key)
	if err != nil || len(all) != 1 {
		return 0, fmt.Errorf("Entries(%q) = %v, %w", key, all, err)
	}
	return strconv.Atoi(all[0].Value)
}

// adds is a function for Update that adds to rows.
func (k *kit[Tx]) adds(rows ...Row) func(ctx context.Context, tx Tx) error {
	return func(ctx context.Context, tx Tx) error {
		for _, r := range rows {
			if err := k.Add(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	}
}

// crossing has updates that expect the same two entries, one in the one order and
// one in the other.
func crossing[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(projection.Change{Put: []projection.Entry{{Key: "lane/a", Value: "0"}, {Key: "lane/b", Value: "0"}}})
	const each = 20
	k.together(4, func(who int) error {
		for n := 0; n < each; {
			at, err := k.stands(k.handle(who), "lane/a")
			if err != nil {
				return err
			}
			err = k.insist(k.handle(who), both(at, who), k.adds(k.row("sum", 1)))
			if err == nil {
				n++
			} else if !errors.Is(err, projection.ErrMoved) {
				return err
			}
		}
		return nil
	})
	k.rows(table, map[string]int64{"sum": 4 * each})
	k.entries("lane/", projection.Entry{Key: "lane/a", Value: "80"}, projection.Entry{Key: "lane/b", Value: "80"})
}

// both moves two entries by one, in an order that depends on who does it.
func both(at, who int) (c projection.Change) {
	for _, i := range []int{who / 2, 1 - who/2} {
		key := []string{"lane/a", "lane/b"}[i]
		c.Expect = append(c.Expect, projection.Entry{Key: key, Value: fmt.Sprint(at)})
		c.Put = append(c.Put, projection.Entry{Key: key, Value: fmt.Sprint(at + 1)})
	}
	return c
}

// makers come to a database that holds nothing, all at the same moment.
func makers[Tx any](k *kit[Tx]) {
	k.together(8, func(who int) error {
		fn := func(context.Context, Tx) error { return nil }
		if who < 4 {
			name := fmt.Sprintf("own%d", who)
			fn = func(ctx context.Context, tx Tx) error { return k.setUp(ctx, tx, name) }
		}
		return k.insist(k.handle(who), put(fmt.Sprintf("first/%d", who), "1"), fn)
	})
	var want []projection.Entry
	for who := range 8 {
		want = append(want, projection.Entry{Key: fmt.Sprintf("first/%d", who), Value: "1"})
	}
	k.entries("", want...)
}

// founders all want to be the one that makes the first entry.
func founders[Tx any](k *kit[Tx]) {
	var won atomic.Int64
	k.together(6, func(who int) error {
		err := k.insist(k.handle(who), move("p/a/deployment", "", fmt.Sprint(who+1)), func(context.Context, Tx) error { return nil })
		if err == nil {
			won.Add(1)
		}
		if errors.Is(err, projection.ErrMoved) {
			return nil
		}
		return err
	})
	if won.Load() != 1 {
		k.Errorf("of six that make an entry where none must be, %d have made it", won.Load())
	}
}

// beginning has two begin the same build, tables and all, as runners do that are
// started together.
func beginning[Tx any](k *kit[Tx]) {
	for round := range 5 {
		var won atomic.Int64
		name, names := fmt.Sprintf("p/p%d/deployment", round), projection.Names{Build: round + 1}
		k.together(3, func(who int) error {
			err := k.insist(k.handle(who), move(name, "", fmt.Sprint(who+1)), func(ctx context.Context, tx Tx) error {
				if err := k.setUp(ctx, tx, names.Name(table), names.Name("total")); err != nil {
					return err
				}
				return k.Put(ctx, tx, k.rowOf(names.Name(table), "by", int64(who+1)))
			})
			if err == nil {
				won.Add(int64(who + 1))
			}
			if errors.Is(err, projection.ErrMoved) {
				return nil
			}
			return err
		})
		k.entries(name, projection.Entry{Key: name, Value: fmt.Sprint(won.Load())})
		if k.Target.Traits().Transactional {
			k.rows(names.Name(table), map[string]int64{"by": won.Load()})
		}
	}
}
