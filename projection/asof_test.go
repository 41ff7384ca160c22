package projection

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cairndb/cairn"
)

// sums adds up the numbers in the data of each stream's events.
func sums() Projection[shelfTx] {
	return Projection[shelfTx]{
		Name: testName, Tables: []string{"sum"}, Setup: makeSum,
		Handler: OnEvent(func(_ context.Context, tx shelfTx, at *Event) error {
			n, err := strconv.ParseInt(string(at.Data), 10, 64)
			if err != nil {
				return err
			}
			return tx.add(at.Name("sum"), at.Stream, n)
		}, "paid"),
	}
}

func makeSum(_ context.Context, tx shelfTx, n Names) error {
	if tx[n.Name("sum")] != nil {
		return errors.New("the table is there already")
	}
	tx[n.Name("sum")] = map[string]int64{}
	return nil
}

// asOf returns what AsOf shows.
func asOf(t *testing.T, log *pile, s *shelf, p Projection[shelfTx], o AsOfOptions) (seen map[string]int64, err error) {
	t.Helper()
	rows, entries := fmt.Sprint(s.rows), maps.Clone(s.values)
	err = AsOf(t.Context(), log, s, p, o, func(_ context.Context, tx shelfTx, n Names) error {
		if n.Build < ScratchBuilds || n.Build >= 2*ScratchBuilds {
			t.Errorf("build %d", n.Build)
		}
		seen = maps.Clone(tx[n.Name("sum")])
		tx["sum"] = map[string]int64{"spoiled": 1}
		return nil
	})
	if fmt.Sprint(s.rows) != rows || !maps.Equal(s.values, entries) {
		t.Errorf("something was left behind: %v, %v", s.rows, s.values)
	}
	return seen, err
}

func TestAsOf(t *testing.T) {
	log, s := newPile(), newShelf()
	s.rows["sum"] = map[string]int64{"a": 1000}
	for i := range 3000 {
		log.add("a", "paid", "1")
		log.add(fmt.Sprint("b", i%2), "paid", "10")
		log.add("a", "noted", "x")
	}
	ten := time.Unix(10, 0)
	for _, c := range []struct {
		name string
		o    AsOfOptions
		want string
	}{
		{"now", AsOfOptions{Key: "a"}, "map[a:3000]"},
		{"position", AsOfOptions{Key: "a", Position: 4}, "map[a:2]"},
		{"far position", AsOfOptions{Key: "a", Position: 1 << 40}, "map[a:3000]"},
		{"time", AsOfOptions{Key: "a", Time: ten}, "map[a:4]"},
		{"the earlier of both", AsOfOptions{Key: "a", Time: ten, Position: 4}, "map[a:2]"},
		{"all", AsOfOptions{All: true, Position: 6}, "map[a:2 b0:10 b1:10]"},
		{"query", AsOfOptions{Query: cairn.Query{{Prefixes: []string{"b"}}}, Position: 6}, "map[b0:10 b1:10]"},
		{"both", AsOfOptions{Key: "a", Query: cairn.Query{{Prefixes: []string{"b"}}}}, "map[]"},
		{"other key", AsOfOptions{Key: "nobody"}, "map[]"},
	} {
		got, err := asOf(t, log, s, sums(), c.o)
		if err != nil || fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, %v; want %s", c.name, got, err, c.want)
		}
	}
}

func TestAsOfByTheProjectionsKey(t *testing.T) {
	log, s := newPile(), newShelf()
	for i := range 10 {
		log.add(fmt.Sprint("s", i), "paid", "1")
	}
	p := sums()
	p.Key = func(e *cairn.Recorded) string { return fmt.Sprint(e.Position % 5) }
	if got, err := asOf(t, log, s, p, AsOfOptions{Key: "3"}); err != nil || fmt.Sprint(got) != "map[s2:1 s7:1]" {
		t.Error(got, err)
	}
	p = sums()
	p.Query = cairn.Query{{Streams: []string{"s1"}}}
	if got, err := asOf(t, log, s, p, AsOfOptions{Key: "s2"}); err != nil || len(got) > 0 {
		t.Error(got, err)
	}
}

// TestAsOfLeavesOutWhatFails as the projection would.
func TestAsOfLeavesOutWhatFails(t *testing.T) {
	log, s := newPile(), newShelf()
	for _, data := range []string{"1", "bad", "2", "bad", "4"} {
		log.add("a", "paid", data)
		log.add("b", "paid", "1")
	}
	all := AsOfOptions{All: true}
	p := sums()
	_, err := asOf(t, log, s, p, all)
	if e, ok := errors.AsType[*FailureError](err); !ok || e.Event.Position != 3 || !errors.Is(err, strconv.ErrSyntax) {
		t.Errorf("stop: %v", err)
	}
	p.Failures = SkipOnFailure
	if got, err := asOf(t, log, s, p, all); err != nil || fmt.Sprint(got) != "map[a:7 b:5]" {
		t.Errorf("skip: %v, %v", got, err)
	}
	p.Failures = ParkOnFailure
	if got, err := asOf(t, log, s, p, all); err != nil || fmt.Sprint(got) != "map[a:1 b:5]" {
		t.Errorf("park: %v, %v", got, err)
	}
	apply := p.Handler.Apply
	p.Handler.Apply = func(ctx context.Context, tx shelfTx, events []*Event) error { // names no event
		if err := apply(ctx, tx, events); err != nil {
			return errors.New("one of them")
		}
		return nil
	}
	if got, err := asOf(t, log, s, p, all); err != nil || fmt.Sprint(got) != "map[a:1 b:5]" {
		t.Errorf("batch: %v, %v", got, err)
	}
	p.Failures = StopOnFailure
	p.Handler.Apply = func(ctx context.Context, tx shelfTx, events []*Event) error {
		if err := apply(ctx, tx, events); err != nil {
			return &EventError{err.(*EventError).Position, Skip(err)}
		}
		return nil
	}
	if got, err := asOf(t, log, s, p, all); err != nil || fmt.Sprint(got) != "map[a:7 b:5]" {
		t.Errorf("decided: %v, %v", got, err)
	}
	p.Handler.Apply = func(context.Context, shelfTx, []*Event) error { panic("oh") }
	_, err = asOf(t, log, s, p, all)
	if _, ok := errors.AsType[*PanicError](err); !ok || !errors.Is(err, ErrFailed) {
		t.Errorf("panic: %v", err)
	}
	p.Failures = SkipOnFailure
	for range mostLeftOut {
		log.add("a", "paid", "bad")
	}
	if _, err = asOf(t, log, s, p, all); !errors.Is(err, ErrFailed) || !strings.Contains(err.Error(), "more than") {
		t.Errorf("too many: %v", err)
	}
}

func TestAsOfRefuses(t *testing.T) {
	log, s := newPile(), newShelf()
	if _, err := asOf(t, log, s, sums(), AsOfOptions{}); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("nothing given: %v", err)
	}
	if _, err := asOf(t, log, s, sums(), AsOfOptions{Query: cairn.Query{}}); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("empty query: %v", err)
	}
	p := sums()
	p.Tables = nil
	if _, err := asOf(t, log, s, p, AsOfOptions{Key: "a"}); !errors.Is(err, cairn.ErrInvalid) {
		t.Errorf("no tables: %v", err)
	}
	p = sums()
	p.Setup = func(context.Context, shelfTx, Names) error { return strconv.ErrRange }
	if _, err := asOf(t, log, s, p, AsOfOptions{Key: "a"}); !errors.Is(err, strconv.ErrRange) {
		t.Errorf("setup: %v", err)
	}
	s.traits.Undoes = false
	if _, err := asOf(t, log, s, sums(), AsOfOptions{Key: "a"}); !errors.Is(err, cairn.ErrInvalid) || !strings.Contains(err.Error(), "take back") {
		t.Errorf("undoes not: %v", err)
	}
}

func TestAsOfReturnsTheReadersError(t *testing.T) {
	mine := errors.New("no such account")
	err := AsOf(t.Context(), newPile(), newShelf(), sums(), AsOfOptions{Key: "a"}, func(context.Context, shelfTx, Names) error { return mine })
	if err != mine {
		t.Error(err)
	}
}

// TestAsOfBlamesNoEvent for a database that is down, or a context that has ended.
func TestAsOfBlamesNoEvent(t *testing.T) {
	log, s := newPile(), newShelf()
	log.add("a", "paid", "bad")
	s.fault = FaultDown
	if _, err := asOf(t, log, s, sums(), AsOfOptions{Key: "a"}); !errors.Is(err, strconv.ErrSyntax) || errors.Is(err, ErrFailed) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := AsOf(ctx, log, s, sums(), AsOfOptions{Key: "a"}, func(context.Context, shelfTx, Names) error { return nil })
	if !errors.Is(err, context.Canceled) || errors.Is(err, ErrFailed) {
		t.Error(err)
	}
}

// TestAsOfOfACodeThatPanics: it is an error, as everywhere.
func TestAsOfOfACodeThatPanics(t *testing.T) {
	log := newPile()
	log.add("sum-1", "paid", "1")
	read := func(context.Context, shelfTx, Names) error { return nil }
	for _, change := range []func(*Projection[shelfTx]){
		func(p *Projection[shelfTx]) { p.Key = func(*cairn.Recorded) string { panic("oh") } },
		func(p *Projection[shelfTx]) { p.Setup = func(context.Context, shelfTx, Names) error { panic("oh") } },
	} {
		p := sums()
		change(&p)
		err := AsOf(t.Context(), log, newShelf(), p, AsOfOptions{Key: "sum-1"}, read)
		if _, ok := errors.AsType[*PanicError](err); !ok {
			t.Errorf("got %v", err)
		}
	}
}
