package torture

import (
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
)

func TestTaskFromID(t *testing.T) {
	for _, want := range []task{{}, {1, 2, 3}, {1<<32 - 1, 1<<16 - 1, 1<<32 - 1}} {
		id := want.id()
		if got, err := taskOf(id.String()); err != nil || got != want {
			t.Errorf("task %v has ID %v, which is read as %v, %v", want, id, got, err)
		}
	}
	for _, s := range []string{"", "x", cairn.NewID().String()} {
		if got, err := taskOf(s); err == nil {
			t.Errorf("%q was taken for task %v", s, got)
		}
	}
}

// TestPlan: the same task is the same thing, another one most often is not.
func TestPlan(t *testing.T) {
	numbers := []account.Number{"0000000001", "0000000002", "0000000003"}
	s := settings{Seed: 7, Initial: 10}
	kinds := map[plan]int{}
	changes := 0
	for n := range uint32(500) {
		p := s.plan(task{1, 1, n}, numbers)
		if p != s.plan(task{1, 1, n}, numbers) {
			t.Fatalf("task %d has two plans", n)
		}
		if p.from == p.to || p.amount < 1 || p.amount > 10 {
			t.Fatalf("plan %+v", p)
		}
		kinds[p]++
		if p.change {
			changes++
		}
	}
	if len(kinds) < 50 || changes < 20 || changes > 150 {
		t.Errorf("%d different plans, %d changes of 500", len(kinds), changes)
	}
}
