package bank_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
)

func TestTransferIsOneBatch(t *testing.T) {
	eachStore(t, func(t *testing.T, store cairn.Store) {
		b := bank.New(store, nil)
		ann, bob := openWith(t, b, "ann", 100_00), openWith(t, b, "bob", 0)
		r, err := b.Transfer(t.Context(), bank.Transfer{From: ann, To: bob, Amount: 30_00})
		if err != nil || r.Duplicate || r.ID.IsZero() || r.From != 2 || r.To != 1 || r.Position != 5 {
			t.Fatalf("Transfer = %+v, %v", r, err)
		}
		if a, b := balance(t, b, ann), balance(t, b, bob); a != 70_00 || b != 30_00 {
			t.Errorf("balances %v and %v; want 70.00 and 30.00", a, b)
		}
		legs, err := cairn.Collect(store.ReadAll(t.Context(), cairn.AllOptions{Query: cairn.ByTag(account.TransferTag(r.ID.String()))}))
		if err != nil || len(legs) != 2 {
			t.Fatalf("%d legs, %v; want 2", len(legs), err)
		}
		if legs[0].Stream != ann.Stream() || legs[1].Stream != bob.Stream() || legs[1].Position != legs[0].Position+1 {
			t.Errorf("legs at %d of %s and %d of %s", legs[0].Position, legs[0].Stream, legs[1].Position, legs[1].Stream)
		}
		for _, leg := range legs {
			if !strings.Contains(string(leg.Metadata), r.ID.String()) {
				t.Errorf("metadata %s does not hold the correlation %v", leg.Metadata, r.ID)
			}
		}
	})
}

func TestTransferRefused(t *testing.T) {
	eachStore(t, func(t *testing.T, store cairn.Store) {
		b := bank.New(store, nil)
		ann, bob, gone := openWith(t, b, "ann", 10_00), openWith(t, b, "bob", 0), openWith(t, b, "gone", 0)
		if _, err := b.Close(t.Context(), gone); err != nil {
			t.Fatal(err)
		}
		before := head(t, store)
		for _, tt := range []struct {
			name string
			t    bank.Transfer
			want error
		}{
			{"too much", bank.Transfer{From: ann, To: bob, Amount: 10_01}, account.ErrInsufficient},
			{"nothing", bank.Transfer{From: ann, To: bob}, account.ErrAmount},
			{"below nothing", bank.Transfer{From: ann, To: bob, Amount: -1}, account.ErrAmount},
			{"to itself", bank.Transfer{From: ann, To: ann, Amount: 1}, bank.ErrSameAccount},
			{"to nobody", bank.Transfer{From: ann, To: "0000000000", Amount: 1}, account.ErrMissing},
			{"from nobody", bank.Transfer{From: "0000000000", To: ann, Amount: 1}, account.ErrMissing},
			{"to a closed account", bank.Transfer{From: ann, To: gone, Amount: 1}, account.ErrClosed},
		} {
			if _, err := b.Transfer(t.Context(), tt.t); !errors.Is(err, tt.want) {
				t.Errorf("%s: %v; want %v", tt.name, err, tt.want)
			}
		}
		if after := head(t, store); after != before {
			t.Errorf("refusals moved the log from %d to %d", before, after)
		}
	})
}

// TestTransferAgain repeats a transfer that has emptied the account: decided
// again, it would be refused.
func TestTransferAgain(t *testing.T) {
	eachStore(t, func(t *testing.T, store cairn.Store) {
		b := bank.New(store, nil)
		ann, bob := openWith(t, b, "ann", 100_00), openWith(t, b, "bob", 0)
		move := bank.Transfer{ID: cairn.NewID(), From: ann, To: bob, Amount: 100_00}
		first, err := b.Transfer(t.Context(), move)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Deposit(t.Context(), bob, 1); err != nil { // both accounts have gone on
			t.Fatal(err)
		}
		again, err := bank.New(store, nil).Transfer(t.Context(), move)
		want := first
		want.Duplicate = true
		if err != nil || again != want {
			t.Errorf("retry = %+v, %v; want %+v", again, err, want)
		}
		if got := balance(t, b, bob); got != 100_01 {
			t.Errorf("bob has %v; want 100.01", got)
		}
	})
}

func TestTransferIDReused(t *testing.T) {
	eachStore(t, func(t *testing.T, store cairn.Store) {
		b := bank.New(store, nil)
		ann, bob, cleo := openWith(t, b, "ann", 100_00), openWith(t, b, "bob", 100_00), openWith(t, b, "cleo", 0)
		made := bank.Transfer{ID: cairn.NewID(), From: ann, To: bob, Amount: 1_00}
		if _, err := b.Transfer(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		before := head(t, store)
		for _, other := range []bank.Transfer{
			{ID: made.ID, From: ann, To: bob, Amount: 2_00},
			{ID: made.ID, From: ann, To: cleo, Amount: 1_00},
			{ID: made.ID, From: bob, To: ann, Amount: 1_00},
		} {
			if _, err := b.Transfer(t.Context(), other); !errors.Is(err, bank.ErrReused) {
				t.Errorf("Transfer(%+v) = %v; want ErrReused", other, err)
			}
		}
		if after := head(t, store); after != before {
			t.Errorf("something was stored: %d, then %d", before, after)
		}
	})
}
