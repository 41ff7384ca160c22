package bank_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
)

func TestStatement(t *testing.T) {
	eachStore(t, func(t *testing.T, store cairn.Store) {
		b := bank.New(store, nil)
		ann, bob := openWith(t, b, "ann", 100_00), openWith(t, b, "bob", 0)
		if _, err := b.Transfer(t.Context(), bank.Transfer{From: ann, To: bob, Amount: 30_00}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Withdraw(t.Context(), ann, 5_00); err != nil {
			t.Fatal(err)
		}
		lines, err := cairn.Collect(b.Statement(t.Context(), ann))
		if err != nil {
			t.Fatal(err)
		}
		var amounts, balances []account.Money
		for i, l := range lines {
			amounts, balances = append(amounts, l.Amount), append(balances, l.Balance)
			if l.Revision != cairn.Revision(i) || l.Time.IsZero() {
				t.Errorf("line %d is revision %d of %v", i, l.Revision, l.Time)
			}
		}
		if want := []account.Money{0, 100_00, -30_00, -5_00}; !slices.Equal(amounts, want) {
			t.Errorf("amounts %v; want %v", amounts, want)
		}
		if want := []account.Money{0, 100_00, 70_00, 65_00}; !slices.Equal(balances, want) {
			t.Errorf("balances %v; want %v", balances, want)
		}
		if _, err := cairn.Collect(b.Statement(t.Context(), "0000000000")); !errors.Is(err, account.ErrMissing) {
			t.Errorf("statement of nobody = %v; want ErrMissing", err)
		}
	})
}

// TestPast asks for every moment there was, by revision and by time.
func TestPast(t *testing.T) {
	eachStore(t, func(t *testing.T, store cairn.Store) {
		b := bank.New(store, nil)
		ann := openWith(t, b, "ann", 1_00)
		for range 120 { // enough for the bank to keep snapshots
			if _, err := b.Deposit(t.Context(), ann, 1_00); err != nil {
				t.Fatal(err)
			}
		}
		lines, err := cairn.Collect(b.Statement(t.Context(), ann))
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range lines {
			at, err := b.At(t.Context(), ann, l.Revision)
			if err != nil || at.Balance != l.Balance {
				t.Fatalf("At(%d) = %v, %v; want %v", l.Revision, at.Balance, err, l.Balance)
			}
			last := i == len(lines)-1 || lines[i+1].Time.After(l.Time) // of those at that time
			asOf, err := b.AsOf(t.Context(), ann, l.Time)
			if err != nil || last && asOf.Balance != l.Balance {
				t.Fatalf("AsOf(%v) = %v, %v; want %v", l.Time, asOf.Balance, err, l.Balance)
			}
		}
		if _, err := b.AsOf(t.Context(), ann, lines[0].Time.Add(-1)); !errors.Is(err, account.ErrMissing) {
			t.Errorf("AsOf before it was opened = %v; want ErrMissing", err)
		}
	})
}

func TestList(t *testing.T) {
	eachStore(t, func(t *testing.T, store cairn.Store) {
		b := bank.New(store, nil)
		names := []string{"ann", "bob", "cleo"}
		for i, name := range names {
			openWith(t, b, name, account.Money(i)*1_00)
		}
		all, err := b.List(t.Context())
		if err != nil || len(all) != len(names) {
			t.Fatalf("List = %v, %v", all, err)
		}
		for i, a := range all {
			if a.Name != names[i] || a.Balance != account.Money(i)*1_00 || a.Status != account.Live {
				t.Errorf("account %d is %+v", i, a)
			}
		}
	})
}

// TestContextEnds: a request whose context is over stores nothing.
func TestContextEnds(t *testing.T) {
	eachStore(t, func(t *testing.T, store cairn.Store) {
		b := bank.New(store, nil)
		ann, bob := openWith(t, b, "ann", 10_00), openWith(t, b, "bob", 0)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := b.Transfer(ctx, bank.Transfer{From: ann, To: bob, Amount: 1}); !errors.Is(err, context.Canceled) {
			t.Errorf("Transfer = %v; want Canceled", err)
		}
		if _, err := cairn.Collect(b.Statement(ctx, ann)); !errors.Is(err, context.Canceled) {
			t.Errorf("Statement = %v; want Canceled", err)
		}
		if got := balance(t, b, bob); got != 0 {
			t.Errorf("bob has %v", got)
		}
	})
}
