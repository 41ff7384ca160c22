package decider_test

import (
	"errors"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
)

func free(owner string) cairn.Condition { return cairn.NoneAfter(0, cairn.ByTag("owner:"+owner)) }

func TestRequiring(t *testing.T) {
	store := newStore(t)
	must(over(store).Requiring(free("Ann")).Do(t.Context(), "account-1", open("Ann")))(t)

	res, err := over(store).Requiring(free("Ann")).Do(t.Context(), "account-2", open("Ann"))
	conflict, ok := errors.AsType[*cairn.ConflictError](err)
	if !ok || errors.Is(err, errFunds) || len(conflict.Events) != 1 || conflict.Events[0].Stream != "account-1" || res.Attempts != 1 {
		t.Errorf("%+v, %v", res, err)
	}
	// Nothing is to be stored, so nothing is required.
	if _, err := over(store).Requiring(free("Ann")).Do(t.Context(), "account-1", open("Ann")); err != nil {
		t.Error(err)
	}
}

func TestRequiringAStream(t *testing.T) {
	store := newStore(t)
	accounts := over(store).Requiring(cairn.StreamAt("settings", 4))
	if res, err := accounts.Do(t.Context(), "account-1", deposit(1)); !errors.Is(err, cairn.ErrConflict) || res.Attempts != 1 {
		t.Errorf("%+v, %v", res, err)
	}
	fill(t, store, "settings", 5)
	if _, err := accounts.Do(t.Context(), "account-1", deposit(1)); err != nil {
		t.Error(err)
	}
}

// A conflict with the stream itself is tried again although something is
// required besides.
func TestRequiringStillRetriesOwnConflicts(t *testing.T) {
	store := newStore(t)
	meddle := sync.OnceFunc(func() { fill(t, store, "account-1", 1) })
	s := &trap{Store: store}
	s.commit = func(_ cairn.Batch, next func() (cairn.BatchReceipt, error)) (cairn.BatchReceipt, error) {
		meddle()
		return next()
	}
	res, err := over(s).Requiring(free("Ann"), free("Bob")).Do(t.Context(), "account-1", deposit(1))
	if err != nil || res.Attempts != 2 || res.State.Cents != 2 {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestRequiringLeavesTheDeciderAlone(t *testing.T) {
	accounts := over(newStore(t))
	accounts.Requiring(cairn.StreamAt("settings", 4)).Once("k")
	if _, err := accounts.Do(t.Context(), "account-1", deposit(1)); err != nil {
		t.Error(err)
	}
}

func TestOnce(t *testing.T) {
	store := newStore(t)
	fill(t, store, "account-1", 10)
	first := must(over(store).Once("req-1").Do(t.Context(), "account-1", withdraw(7)))(t)
	fill(t, store, "account-1", 1)

	// There are no more funds for it, and it is not asked.
	again, err := over(store).Once("req-1").Do(t.Context(), "account-1", withdraw(7))
	if err != nil || !again.Duplicate || again.Position != first.Position || again.State.Cents != 4 || again.Revision != 11 {
		t.Errorf("%+v, %v", again, err)
	}
	if _, err := over(store).Once("req-2").Do(t.Context(), "account-1", withdraw(7)); err != errFunds {
		t.Error(err)
	}
	res, err := over(store).Once("req-2").Do(t.Context(), "account-1", withdraw(4))
	if err != nil || res.Duplicate || res.State.Cents != 0 {
		t.Errorf("a refusal used up the key: %+v, %v", res, err)
	}
	// The same key over several streams, and over a boundary.
	all, err := over(store).Once("req-2").Together(t.Context(), []string{"account-1", "account-2"}, transfer(4))
	if err != nil || !all.Duplicate || all.States[0].Cents != 0 || all.Position != res.Position {
		t.Errorf("%+v, %v", all, err)
	}
	fill(t, store, "account-1", 1)
	one, err := over(store).Once("req-2").Boundary(t.Context(), cairn.ByCategory("account"), "account-1", withdraw(4))
	if err != nil || !one.Duplicate || one.State.Cents != 1 || one.Revision != res.Revision || one.Position != res.Position {
		t.Errorf("%+v, %v", one, err)
	}
}

func TestOnceConcurrently(t *testing.T) {
	store := newStore(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			res, err := over(store).Once("req").Do(t.Context(), "account-1", deposit(5))
			if err != nil || res.State.Cents != 5 {
				t.Errorf("%+v, %v", res, err)
			}
		})
	}
	wg.Wait()
	if got, _, _ := over(store).Load(t.Context(), "account-1"); got.Moves != 1 {
		t.Errorf("%+v", got)
	}
}
