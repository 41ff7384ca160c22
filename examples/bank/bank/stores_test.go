package bank_test

import (
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/engine/disk"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
	"github.com/cairndb/cairn/storetest"
)

// eachStore runs a test over every store there is.
func eachStore(t *testing.T, test func(*testing.T, cairn.Store)) {
	for name, open := range map[string]func() (cairn.Store, error){
		"reference": func() (cairn.Store, error) { return storetest.NewReference(), nil },
		"disk":      func() (cairn.Store, error) { return disk.OpenMemory(nil) },
	} {
		t.Run(name, func(t *testing.T) {
			store, err := open()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := store.Close(); err != nil {
					t.Errorf("Close = %v", err)
				}
			})
			test(t, store)
		})
	}
}

// openWith opens an account with a balance.
func openWith(t *testing.T, b *bank.Bank, name string, balance account.Money) account.Number {
	t.Helper()
	a, err := b.Open(t.Context(), name)
	if err == nil && balance > 0 {
		_, err = b.Deposit(t.Context(), a.Number, balance)
	}
	if err != nil {
		t.Fatalf("open %s with %v: %v", name, balance, err)
	}
	return a.Number
}

func balance(t *testing.T, b *bank.Bank, n account.Number) account.Money {
	t.Helper()
	a, err := b.Account(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return a.Balance
}

func head(t *testing.T, store cairn.Store) cairn.Position {
	t.Helper()
	info, err := store.Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return info.Head
}
