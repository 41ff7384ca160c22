package bank_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
)

func TestOpenTakesTheName(t *testing.T) {
	eachStore(t, func(t *testing.T, store cairn.Store) {
		b := bank.New(store, nil)
		n := openWith(t, b, "ann", 0)
		_, err := b.Open(t.Context(), "ann")
		taken, ok := errors.AsType[*bank.NameTakenError](err)
		if !ok || taken.Number != n || !errors.Is(err, bank.ErrNameTaken) {
			t.Errorf("second Open = %v; want a NameTakenError for %s", err, n)
		}
		if got := head(t, store); got != 1 {
			t.Errorf("the log ends at %d; the refusal stored something", got)
		}
		if found, err := b.Find(t.Context(), "ann"); found != n || err != nil {
			t.Errorf("Find = %q, %v; want %q", found, err, n)
		}
		if _, err := b.Find(t.Context(), "Ann"); !errors.Is(err, account.ErrMissing) {
			t.Errorf("Find of nobody = %v; want ErrMissing", err)
		}
	})
}

func TestOpenRefusesBadNames(t *testing.T) {
	eachStore(t, func(t *testing.T, store cairn.Store) {
		b := bank.New(store, nil)
		for _, name := range []string{"", " ann", "ann ", strings.Repeat("a", account.MaxName+1), "\xff"} {
			if _, err := b.Open(t.Context(), name); !errors.Is(err, account.ErrName) {
				t.Errorf("Open(%.20q) = %v; want ErrName", name, err)
			}
		}
	})
}

// TestOneOfManyGetsTheName lets many ask for a name at once: the condition, and
// not the look-up before it, keeps names unique.
func TestOneOfManyGetsTheName(t *testing.T) {
	eachStore(t, func(t *testing.T, store cairn.Store) {
		const customers = 16
		b := bank.New(store, nil)
		errs := make([]error, customers)
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() { _, errs[i] = b.Open(t.Context(), "ann") })
		}
		all.Wait()
		opened := 0
		for _, err := range errs {
			if err == nil {
				opened++
			} else if !errors.Is(err, bank.ErrNameTaken) {
				t.Errorf("Open = %v; want ErrNameTaken", err)
			}
		}
		if opened != 1 || head(t, store) != 1 {
			t.Errorf("%d accounts opened, log at %d; want one", opened, head(t, store))
		}
	})
}

func TestCloseFreesTheName(t *testing.T) {
	eachStore(t, func(t *testing.T, store cairn.Store) {
		b := bank.New(store, nil)
		first := openWith(t, b, "ann", 5_00)
		if _, err := b.Close(t.Context(), first); !errors.Is(err, account.ErrNotEmpty) {
			t.Fatalf("Close of a full account = %v; want ErrNotEmpty", err)
		}
		if _, err := b.Withdraw(t.Context(), first, 5_00); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Close(t.Context(), first); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Find(t.Context(), "ann"); !errors.Is(err, account.ErrMissing) {
			t.Errorf("Find after Close = %v; want ErrMissing", err)
		}
		second := openWith(t, b, "ann", 0)
		if found, err := b.Find(t.Context(), "ann"); found != second || err != nil {
			t.Errorf("Find = %q, %v; want the new account %q", found, err, second)
		}
		if _, err := b.Deposit(t.Context(), first, 1); !errors.Is(err, account.ErrClosed) {
			t.Errorf("Deposit to the closed account = %v; want ErrClosed", err)
		}
	})
}

func TestCash(t *testing.T) {
	eachStore(t, func(t *testing.T, store cairn.Store) {
		b := bank.New(store, nil)
		n := openWith(t, b, "ann", 40_00)
		_, err := b.Withdraw(t.Context(), n, 40_01)
		refused, ok := errors.AsType[*bank.RefusedError](err)
		if !ok || refused.Number != n || !errors.Is(err, account.ErrInsufficient) {
			t.Errorf("overdraft = %v; want a refusal of %s", err, n)
		}
		a, err := b.Withdraw(t.Context(), n, 40_00)
		if err != nil || a.Balance != 0 || a.Revision != 2 || a.Position != 3 {
			t.Errorf("Withdraw = %+v, %v; want 0.00 at revision 2, position 3", a, err)
		}
		if _, err := b.Deposit(t.Context(), "0000000000", 1); !errors.Is(err, account.ErrMissing) {
			t.Errorf("Deposit to nobody = %v; want ErrMissing", err)
		}
	})
}
