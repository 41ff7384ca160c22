package saga_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/cairndb/cairn/saga"
)

// The roster has everybody who has not ended, by when they started, and knows who
// goes back.
func TestRoster(t *testing.T) {
	k := open(t)
	if names, err := saga.Names(k.ctx, k.store); err != nil || len(names) != 0 {
		t.Errorf("nobody has run a saga, and there are %q, %v", names, err)
	}
	k.run(orders(), k.options())
	for i := range 5 {
		id := fmt.Sprint(i)
		k.happen(id, placed{Total: 1})
		k.steps(id, 1)
	}
	k.happen("1", paid{}, outOfStock{})
	k.steps("1", 3)
	for _, id := range []string{"2", "4"} {
		k.happen(id, declined{})
		k.steps(id, 2)
	}
	names, err := saga.Names(k.ctx, k.store)
	k.same("names", names, []string{"orders"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := saga.Open(k.ctx, k.store, "orders")
	if err != nil {
		t.Fatal(err)
	}
	k.same("who has not ended", r.IDs, []string{"0", "1", "3"})
	back, complete, err := r.GoingBack(k.ctx, k.store, 10)
	if err != nil || !complete || !slices.Equal(back, []string{"1"}) {
		t.Errorf("going back are %q, %v, %v", back, complete, err)
	}
	if _, complete, err = r.GoingBack(k.ctx, k.store, 1); err != nil || complete {
		t.Errorf("one of one was read, and that is said to be all: %v", err)
	}
	for limit, want := range map[int][]string{1: {"4"}, 5: {"4", "2"}} {
		ended, err := saga.LatelyEnded(k.ctx, k.store, "orders", 0, limit)
		var ids []string
		for _, in := range ended {
			ids = append(ids, in.ID)
			k.same("status", in.Status, saga.Ended)
		}
		if err != nil || !slices.Equal(ids, want) {
			t.Errorf("%d ended lately: %q, %v", limit, ids, err)
		}
	}
}

func TestOfTimeout(t *testing.T) {
	for stream, want := range map[string]string{
		"sagatimeout-orders-7": "orders 7", "sagatimeout-orders-a-b/c": "orders a-b/c", "sagatimeout-orders": "", "sagatimeout--7": "", "sagatimeout-orders-": "", "order-7": "",
	} {
		got := ""
		if name, id, ok := saga.OfTimeout(stream); ok || name+id != "" {
			got = name + " " + id
		}
		if got != want {
			t.Errorf("%q: %q, want %q", stream, got, want)
		}
	}
}
