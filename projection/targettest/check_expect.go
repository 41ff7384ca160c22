package targettest

import (
	"context"
	"errors"
	"fmt"

	"github.com/cairndb/cairn/projection"
)

// expectations are met or not, one by one.
func expectations[Tx any](k *kit[Tx]) {
	for _, c := range []struct {
		stands, expected string
		met              bool
	}{
		{"", "", true}, {"", "1", false}, {"1", "1", true}, {"1", "", false}, {"1", "2", false}, {"1", "11", false}, {"11", "1", false},
	} {
		k.apply(put("one", c.stands))
		what := fmt.Sprintf("expecting %q where there is %q", c.expected, c.stands)
		want := c.stands
		switch err := k.Target.Apply(k.ctx, move("one", c.expected, "9")); {
		case !c.met:
			k.moved(what, err)
		case err != nil:
			k.Errorf("%s: %v", what, err)
		default:
			want = "9"
		}
		if want == "" {
			k.entries("one")
		} else {
			k.entries("one", projection.Entry{Key: "one", Value: want})
		}
	}
}

// expectationsTogether must all be met.
func expectationsTogether[Tx any](k *kit[Tx]) {
	stands := []projection.Entry{{Key: "all/a", Value: "1"}, {Key: "all/b", Value: "2"}, {Key: "all/c", Value: "3"}}
	k.apply(projection.Change{Put: stands})
	expect := append([]projection.Entry{{Key: "all/d"}}, stands...)
	for i := range expect {
		wrong := append([]projection.Entry(nil), expect...)
		wrong[i].Value = `"wrong"`
		for _, puts := range [][]projection.Entry{{{Key: "all/a", Value: "7"}, {Key: "all/z", Value: "7"}}, {{Key: "all/c"}}} {
			k.moved(fmt.Sprintf("of four expectations %s is wrong", wrong[i].Key), k.Target.Apply(k.ctx, projection.Change{Expect: wrong, Put: puts}))
			k.entries("all/", stands...)
		}
	}
	k.apply(projection.Change{Expect: expect, Put: []projection.Entry{{Key: "all/b"}, {Key: "all/e", Value: "5"}, {Key: "all/a", Value: "6"}}})
	k.entries("all/", projection.Entry{Key: "all/a", Value: "6"}, projection.Entry{Key: "all/c", Value: "3"}, projection.Entry{Key: "all/e", Value: "5"})
}

// expectationsOnly are changes that change nothing, and changes that expect nothing.
func expectationsOnly[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(projection.Change{})
	k.apply(put("only", "1"))
	k.apply(projection.Change{Expect: []projection.Entry{{Key: "only", Value: "1"}, {Key: "other"}}})
	k.moved("expecting only", k.Target.Apply(k.ctx, projection.Change{Expect: []projection.Entry{{Key: "only", Value: "2"}}}))
	k.update(projection.Change{}, k.writes(k.row("a", 1)))
	k.update(projection.Change{Expect: []projection.Entry{{Key: "only", Value: "1"}}}, k.writes(k.row("b", 2)))
	k.rows(table, map[string]int64{"a": 1, "b": 2})
	k.entries("only", projection.Entry{Key: "only", Value: "1"})
	k.entries("other")
}

// movedRunsNothing looks at what an update does whose expectations are not met.
func movedRunsNothing[Tx any](k *kit[Tx]) {
	k.make(table)
	k.update(put("lane/0", "1"), k.writes(k.row("a", 1)))
	ran := false
	for _, c := range []projection.Change{
		move("lane/0", "2", "3"), move("lane/0", "", "3"), move("lane/1", "1", "3"),
		{Expect: []projection.Entry{{Key: "lane/0", Value: "1"}, {Key: "lane/1", Value: "1"}}, Put: []projection.Entry{{Key: "lane/0", Value: "3"}}},
	} {
		k.moved(fmt.Sprint(c), k.Target.Update(k.ctx, c, func(ctx context.Context, tx Tx) error {
			ran = true
			return k.Put(ctx, tx, k.row("a", 2))
		}))
	}
	if ran {
		k.Errorf("Update ran its function although an expectation was not met")
	}
	k.rows(table, map[string]int64{"a": 1})
	k.entries("lane/", projection.Entry{Key: "lane/0", Value: "1"})
}

// movedMeanwhile has somebody else move the entry while the function runs, or try.
func movedMeanwhile[Tx any](k *kit[Tx]) {
	k.make(table)
	k.apply(put("lane/0", "1"))
	other := make(chan error, 1)
	err := k.Target.Update(k.ctx, move("lane/0", "1", "2"), once(func(ctx context.Context, tx Tx) error {
		done := make(chan struct{})
		go func() {
			defer close(done)
			other <- k.insist(k.Second, move("lane/0", "1", "3"), k.writes(k.row("second", 1)))
		}()
		k.aWhile(done)
		return k.Put(ctx, tx, k.row("first", 1))
	}))
	k.oneOfTwo(err, <-other, "lane/0")
}

// oneOfTwo looks at how it ended: one has moved the entry, and the other has not,
// nor written anything.
func (k *kit[Tx]) oneOfTwo(first, second error, key string) {
	k.Helper()
	value, who := "2", "first"
	switch {
	case first == nil:
		k.moved("the second of two", second)
	case second == nil:
		value, who = "3", "second"
		if !errors.Is(first, errAgain) && k.Target.Fault(first) != projection.FaultAgain {
			k.moved("the first of two", first)
		}
	default:
		k.Fatalf("neither of two moved the entry: %v; %v", first, second)
	}
	k.entries(key, projection.Entry{Key: key, Value: value})
	if k.Target.Traits().Transactional {
		k.rows(table, map[string]int64{who: 1})
	}
}
