package bank_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/cairndb/cairn"
	"github.com/cairndb/cairn/examples/bank/account"
	"github.com/cairndb/cairn/examples/bank/bank"
)

// TestTotalNeverMoves has 64 goroutines move money between few accounts, and then
// walks the log: behind every batch the total is what it was.
func TestTotalNeverMoves(t *testing.T) {
	const (
		workers  = 64
		errands  = 8
		accounts = 16
		initial  = account.Money(100_00)
	)
	eachStore(t, func(t *testing.T, store cairn.Store) {
		b := bank.New(store, nil)
		numbers := make([]account.Number, accounts)
		for i := range numbers {
			numbers[i] = openWith(t, b, string(rune('a'+i)), initial)
		}
		start := head(t, store)
		var all sync.WaitGroup
		for w := range workers {
			all.Go(func() { errand(t, b, numbers, uint64(w), errands) })
		}
		all.Wait()
		sum, moved := account.Money(0), account.Money(0)
		for _, n := range numbers {
			sum += balance(t, b, n)
		}
		if sum != accounts*initial {
			t.Errorf("all accounts hold %v; want %v", sum, accounts*initial)
		}
		for r, err := range store.ReadAll(t.Context(), cairn.AllOptions{After: start}) {
			if err != nil {
				t.Fatal(err)
			}
			e, err := account.Events.Decode(r)
			if err != nil {
				t.Fatal(err)
			}
			if moved += account.Effect(e); moved != 0 && r.Position%2 == start%2 {
				t.Fatalf("behind position %d the total has moved by %v", r.Position, moved)
			}
		}
	})
}

// errand makes transfers, some of them twice.
func errand(t *testing.T, b *bank.Bank, numbers []account.Number, seed uint64, n int) {
	r := rand.New(rand.NewPCG(seed, 1))
	for range n {
		from := r.IntN(len(numbers))
		to := (from + 1 + r.IntN(len(numbers)-1)) % len(numbers)
		move := bank.Transfer{ID: cairn.NewID(), From: numbers[from], To: numbers[to], Amount: account.Money(1 + r.IntN(50_00))}
		first, err := b.Transfer(t.Context(), move)
		if errors.Is(err, account.ErrInsufficient) {
			continue
		}
		if err != nil {
			t.Errorf("Transfer = %v", err)
			return
		}
		again, err := b.Transfer(t.Context(), move)
		if err != nil || !again.Duplicate || again.Position != first.Position {
			t.Errorf("again = %+v, %v; the first was %+v", again, err, first)
		}
	}
}
