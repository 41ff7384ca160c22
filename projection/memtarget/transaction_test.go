package memtarget_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"github.com/cairndb/cairn/projection"
	"github.com/cairndb/cairn/projection/memtarget"
)

type memTx = *memtarget.Tx

func update(t *testing.T, target *memtarget.Target, fn func(tx memTx)) {
	t.Helper()
	if err := target.Update(t.Context(), projection.Change{}, func(_ context.Context, tx memTx) error { fn(tx); return nil }); err != nil {
		t.Error(err)
	}
}

// TestTransfers moves money between accounts in many transactions at a time, and
// counts it in all ways there are: it must always be the same sum.
func TestTransfers(t *testing.T) {
	const accounts, each, goroutines, all = 8, 100, 4, 8 * 100
	target := memtarget.New()
	update(t, target, func(tx memTx) {
		for i := range accounts {
			tx.Set("account", fmt.Sprint(i), each)
		}
	})
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() {
			for range 200 {
				update(t, target, transfer(rand.IntN(accounts), rand.IntN(accounts), rand.IntN(20)))
				update(t, target, func(tx memTx) { tx.Set("sum", fmt.Sprint(rand.IntN(3)), sum(tx)) })
			}
		})
		group.Go(func() {
			for range 200 {
				target.View(func(v memtarget.View) { same(t, "a view's sum", sum(v), all) })
			}
		})
	}
	group.Wait()
	for key, n := range target.Table("sum").Scan("") {
		same(t, "sum "+key+", as a transaction has written it", n.(int), all)
	}
}

func transfer(from, to, n int) func(memTx) {
	return func(tx memTx) {
		a, _ := memtarget.Value[int](tx.Get("account", fmt.Sprint(from)))
		tx.Set("account", fmt.Sprint(from), a-n)
		b, _ := memtarget.Value[int](tx.Get("account", fmt.Sprint(to)))
		tx.Set("account", fmt.Sprint(to), b+n)
	}
}

func sum(v interface {
	Scan(table, prefix string) iter.Seq2[string, any]
}) (n int) {
	for _, of := range v.Scan("account", "") {
		n += of.(int)
	}
	return n
}

func same[V comparable](t *testing.T, what string, got, want V) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// TestGuests adds a row each where there were as many as it has counted.
func TestGuests(t *testing.T) {
	target := memtarget.New()
	const goroutines, each = 4, 50
	var group sync.WaitGroup
	for range goroutines {
		group.Go(func() {
			for range each {
				update(t, target, func(tx memTx) {
					n := 0
					for range tx.Scan("guest", "") {
						n++
					}
					tx.Set("guest", fmt.Sprintf("%04d", n), true)
				})
			}
		})
	}
	group.Wait()
	same(t, "guests", target.Table("guest").Len(), goroutines*each)
}

// TestAlone has somebody always get in the way of a transaction, until it is run
// alone: then they must wait.
func TestAlone(t *testing.T) {
	target := memtarget.New()
	add := func(tx memTx) {
		n, _ := memtarget.Value[int](tx.Get("count", "n"))
		tx.Set("count", "n", n+1)
	}
	runs, others := 0, sync.WaitGroup{}
	update(t, target, func(tx memTx) {
		runs++
		add(tx)
		if runs <= 8 {
			update(t, target, add)
			return
		}
		others.Go(func() { update(t, target, add) })
		for range 1000 {
			runtime.Gosched() // the other one must not get in now
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errOwn)
		if err := target.Apply(ctx, projection.Change{}); !errors.Is(err, errOwn) {
			t.Errorf("a call whose context has ended: %v", err)
		}
	})
	others.Wait()
	same(t, "runs", runs, 9)
	n, _ := memtarget.Value[int](target.Table("count").Get("n"))
	same(t, "count", n, 10)
}

var errOwn = errors.New("own")

// TestErrorOfWhatIsNoLongerSo: a function that fails because of what somebody has
// changed meanwhile is run again.
func TestErrorOfWhatIsNoLongerSo(t *testing.T) {
	target := memtarget.New()
	first := true
	err := target.Update(t.Context(), projection.Change{}, func(_ context.Context, tx memTx) error {
		if _, ok := tx.Get("a", "a"); ok {
			return nil
		}
		if first {
			first = false
			update(t, target, func(tx memTx) { tx.Set("a", "a", 1) })
		}
		return errOwn
	})
	if err != nil {
		t.Errorf("an error due to an old state was returned: %v", err)
	}
}

// TestReadTwice: who has read a row before and after it was changed has read too
// early.
func TestReadTwice(t *testing.T) {
	target, runs := memtarget.New(), 0
	update(t, target, func(tx memTx) {
		before, _ := memtarget.Value[int](tx.Get("a", "a"))
		if runs++; runs == 1 {
			update(t, target, func(tx memTx) { tx.Set("a", "a", 1) })
		}
		after, _ := memtarget.Value[int](tx.Get("a", "a"))
		tx.Set("sum", "sum", before+after)
	})
	same(t, "runs", runs, 2)
	n, _ := memtarget.Value[int](target.Table("sum").Get("sum"))
	same(t, "sum", n, 2)
}

// TestScans compares what a transaction, a view and a table show with a map.
func TestScans(t *testing.T) {
	target, model := memtarget.New(), map[string]any{}
	for range 50 {
		update(t, target, func(tx memTx) {
			for range 20 {
				key := fmt.Sprint(rand.IntN(50))
				if rand.IntN(3) == 0 {
					tx.Delete("a", key)
					delete(model, key)
				} else {
					n := rand.Int()
					tx.Set("a", key, n)
					model[key] = n
				}
			}
			compare(t, "transaction", tx.Scan("a", "1"), model)
			_, ok := tx.Get("a", "7")
			same(t, "7 is there", ok, model["7"] != nil)
		})
		compare(t, "table", target.Table("a").Scan("1"), model)
		target.View(func(v memtarget.View) { compare(t, "view", v.Scan("a", "1"), model) })
		same(t, "rows", target.Table("a").Len(), len(model))
	}
}

func compare(t *testing.T, what string, got iter.Seq2[string, any], model map[string]any) {
	t.Helper()
	n, last := 0, ""
	for key, value := range got {
		if key[0] != '1' || key <= last || model[key] != value {
			t.Errorf("%s: %q = %v after %q, want %v", what, key, value, last, model[key])
		}
		n, last = n+1, key
	}
	for key := range model {
		if key[0] == '1' {
			n--
		}
	}
	same(t, what+": rows too many", n, 0)
}
